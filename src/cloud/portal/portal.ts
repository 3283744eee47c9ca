/** The platform's page and its JSON, on 127.0.0.1. */
import fastify, { type FastifyInstance } from "fastify";
import type { Part } from "../../kit/part.ts";
import type { Inbox } from "../inbox.ts";
import { page } from "./page.ts";
import { script, style } from "./style-table.ts";

export interface PortalNeeds {
	/** 0 takes a free one. */
	readonly port: number;
	readonly books: Inbox;
	readonly names: Readonly<Record<string, string>>;
}

/** Sales on a page, sales in one answer of the JSON, browsers that look at once. */
const most = { shown: 50, told: 5000, watchers: 50 } as const;

const headers = {
	"content-security-policy":
		"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:",
	"cache-control": "no-store",
	"x-content-type-options": "nosniff",
	"referrer-policy": "no-referrer",
} as const;
/** Another name for this machine is another site's doing. */
const ownHost = /^(127\.0\.0\.1|localhost)(:\d+)?$/;

interface Watcher {
	write(text: string): unknown;
	end(): unknown;
}

export class Portal implements Part {
	readonly name = "portal";
	readonly #needs: PortalNeeds;
	readonly #watchers = new Set<Watcher>();
	#app: FastifyInstance | undefined;

	constructor(needs: PortalNeeds) {
		this.#needs = needs;
	}

	async open(): Promise<void> {
		const app = fastify({ logger: false, forceCloseConnections: true });
		this.#app = app;
		this.#serve(app);
		await app.listen({ host: "127.0.0.1", port: this.#needs.port });
	}

	async close(): Promise<void> {
		const app = this.#app;
		this.#app = undefined;
		for (const watcher of this.#watchers) watcher.end();
		this.#watchers.clear();
		await app?.close();
	}

	port(): number {
		const address = this.#app?.server.address();
		return typeof address === "object" && address !== null ? address.port : 0;
	}

	/** Tells every open page to look again. */
	changed(): void {
		for (const watcher of this.#watchers) watcher.write("data: changed\n\n");
	}

	#serve(app: FastifyInstance): void {
		const { books, names } = this.#needs;
		app.addHook("onRequest", async (request, reply) => {
			reply.headers(headers);
			if (!ownHost.test(request.headers.host ?? "")) await reply.code(403).send();
		});
		app.get("/portal.css", (_request, reply) => reply.type("text/css; charset=utf-8").send(style));
		app.get("/portal.js", (_request, reply) => reply.type("text/javascript; charset=utf-8").send(script));
		app.get<{ Querystring: { lang?: string } }>("/", (request, reply) =>
			reply.type("text/html; charset=utf-8").send(
				page({
					language: request.query.lang,
					terminals: books.terminals().map((terminal) => ({
						...terminal,
						name: names[terminal.id] ?? "",
						sales: books.sales(terminal.id, most.shown),
						totals: books.totals(terminal.id),
					})),
					alarms: books.alarms(most.shown),
				}),
			),
		);
		app.get("/api/terminals", () =>
			books.terminals().map(({ online, ...rest }) => ({ ...rest, online: online === 1 })),
		);
		app.get<{ Params: { id: string } }>("/api/terminals/:id/sales", (request) =>
			books.sales(request.params.id, most.told).toReversed(),
		);
		app.get("/api/alarms", () => books.alarms(most.told));
		app.get("/events", (_request, reply) => {
			reply.hijack();
			const { raw } = reply;
			if (this.#watchers.size >= most.watchers) {
				raw.writeHead(503).end();
				return;
			}
			raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
			raw.write("retry: 1000\n\n");
			this.#watchers.add(raw);
			raw.on("close", () => this.#watchers.delete(raw));
		});
	}
}

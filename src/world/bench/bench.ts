/** The bench: a web page on 127.0.0.1 that shows the shop live and hands clicks to it. */
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import fastifyWebsocket, { type WebsocketHandler } from "@fastify/websocket";
import fastify, { type FastifyInstance } from "fastify";
import * as v from "valibot";
import { keys } from "../../contract/device.ts";
import type { Part } from "../../kit/part.ts";
import { type FaultId, faultIds, faultTable } from "../shop/faults-table.ts";
import type { Floor, FloorEvent } from "../shop/floor.ts";

type Watcher = Parameters<WebsocketHandler>[0];

/** What the page may ask. */
const command = v.variant("do", [
	v.object({ do: v.literal("press"), key: v.picklist(keys as readonly string[]) }),
	v.object({ do: v.literal("insert"), card: v.string() }),
	v.object({ do: v.literal("remove") }),
	v.object({ do: v.literal("fault"), fault: v.picklist(faultIds), on: v.boolean() }),
]);

export interface BenchNeeds {
	readonly floor: Floor;
	/** 0 takes a free one. */
	readonly port: number;
	/** The checkout: the page's files and the fonts lie under it. */
	readonly root: string;
}

/**
 * A page asks for pictures faster than it can draw them: above this many unsent bytes a frame is left out.
 */
const mostUnsent = 1_500_000;

export class Bench implements Part {
	readonly name = "bench";
	readonly #needs: BenchNeeds;
	readonly #watchers = new Set<Watcher>();
	#server: FastifyInstance | undefined;
	#off: (() => void) | undefined;
	#address = "";

	constructor(needs: BenchNeeds) {
		this.#needs = needs;
	}

	/** http://127.0.0.1:PORT/ */
	get address(): string {
		return this.#address;
	}

	async open(): Promise<void> {
		const { root, port, floor } = this.#needs;
		const server = fastify({ logger: false, forceCloseConnections: true });
		this.#server = server;
		await server.register(fastifyWebsocket, { options: { maxPayload: 4096 } });
		const page = join(root, "src/world/bench/page");
		const fonts = join(root, "node_modules/@fontsource/noto-sans-sc");
		await server.register(fastifyStatic, { root: page, cacheControl: false });
		await server.register(fastifyStatic, { root: fonts, prefix: "/fonts/", decorateReply: false });
		server.addHook("onRequest", async (request, reply) => {
			// Another site's page must not press our keys: only our own address may open the line.
			const { origin, host } = request.headers;
			if (origin !== undefined && origin !== `http://${host}`) await reply.code(403).send();
		});
		server.get("/live", { websocket: true }, (socket) => this.#admit(socket));
		await server.listen({ host: "127.0.0.1", port });
		const address = server.server.address();
		if (address === null || typeof address === "string") throw new Error("the bench has no port");
		this.#address = `http://127.0.0.1:${address.port}/`;
		this.#off = floor.listen((event) => this.#tell(event));
	}

	async close(): Promise<void> {
		this.#off?.();
		for (const socket of this.#watchers) socket.terminate();
		await this.#server?.close();
		this.#server = undefined;
	}

	#admit(socket: Watcher): void {
		const { floor } = this.#needs;
		this.#watchers.add(socket);
		socket.on("close", () => this.#watchers.delete(socket));
		socket.on("message", (data) => this.#heard(String(data)));
		const say = (message: unknown): void => socket.send(JSON.stringify(message));
		const faults = faultIds.map((id) => ({ id, name: faultTable[id].name, says: faultTable[id].says }));
		say({ kind: "hello", deck: floor.tray(), faults, portal: floor.portal() });
		say({ kind: "state", ...floor.state() });
		say({ kind: "way", steps: floor.way() });
		for (const message of floor.messages()) say({ kind: "message", message });
		const slips = floor.paper();
		for (const [i, slip] of slips.entries()) say({ kind: "slip", ...slip, old: i < slips.length - 2 });
		const books = floor.lastBooks();
		if (books !== undefined) say({ kind: "books", books });
		const frame = floor.frame();
		if (frame !== undefined) socket.send(frame);
	}

	#heard(text: string): void {
		const { floor } = this.#needs;
		const read = v.safeParse(v.pipe(v.string(), v.parseJson(), command), text);
		if (!read.success) return;
		const asked = read.output;
		if (asked.do === "press") floor.press(asked.key as (typeof keys)[number] & Parameters<Floor["press"]>[0]);
		else if (asked.do === "insert") floor.insert(asked.card);
		else if (asked.do === "remove") floor.remove();
		else void floor.setFault(asked.fault as FaultId, asked.on);
	}

	#tell(event: FloorEvent): void {
		const { floor } = this.#needs;
		if (event.on === "frame") {
			const frame = floor.frame();
			for (const socket of this.#watchers)
				if (frame !== undefined && socket.bufferedAmount < mostUnsent) socket.send(frame);
			return;
		}
		const said = told(event, floor);
		if (said === undefined) return;
		const text = JSON.stringify(said);
		for (const socket of this.#watchers) socket.send(text);
	}
}

/** An event as the page is told it; a log line stays in the shop. */
function told(event: FloorEvent, floor: Floor): unknown {
	switch (event.on) {
		case "state":
			return { kind: "state", ...floor.state() };
		case "way":
			return { kind: "way", steps: floor.way() };
		case "books":
			return { kind: "books", books: event.books };
		case "message":
			return { kind: "message", message: event.message };
		case "slip":
			return { kind: "slip", ...event.slip };
		case "buzz":
			return { kind: "buzz", on: event.sounding };
		case "frame":
		case "logged":
			return undefined;
		default:
			return undefined;
	}
}

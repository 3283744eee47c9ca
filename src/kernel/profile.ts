/**
 * Reads the file of applications and terminal data of a profile:
 * firmware-config/profiles/applications.json.
 */
import { unhex } from "../kit/bytes.ts";
import { no, ok, type Result } from "../kit/result.ts";
import type { Application, DataObjects } from "./dialogue.ts";

export interface CardProfile {
	/** 9F1A 5F2A 5F36 9F33 9F35 9F40: the terminal's data that do not differ from shop to shop. */
	readonly terminal: DataObjects;
	/** 5F28 of domestic cards. */
	readonly domesticCountry: string;
	readonly applications: readonly Application[];
}
/** Where in the file, as a path: `applications.2.tacOnline`. */
export interface ProfileFault {
	readonly at: string;
}

const isText = (shape: RegExp) => (value: unknown) => typeof value === "string" && shape.test(value);
const isAmount = (value: unknown): boolean =>
	typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= 0xffff_ffff;
const isPercent = (value: unknown): boolean => isAmount(value) && Number(value) <= 99;
const isCode = isText(/^[0-9A-F]{10}$/);
const isBytes = isText(/^([0-9A-F]{2})*$/);

const shapes: Readonly<Record<keyof Application, (value: unknown) => boolean>> = {
	aid: isText(/^([0-9A-F]{2}){5,16}$/),
	partial: (value) => typeof value === "boolean",
	scheme: isText(/^(unionpay|visa|mastercard|amex|jcb)$/),
	version: isText(/^[0-9A-F]{4}$/),
	tacDenial: isCode,
	tacOnline: isCode,
	tacDefault: isCode,
	floorLimit: isAmount,
	threshold: isAmount,
	target: isPercent,
	targetMost: isPercent,
	ddol: isBytes,
	tdol: isBytes,
};

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
	typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** One row of the file; a fault names the field that is missing or has another shape. */
function applicationFrom(json: unknown): Result<Application, ProfileFault> {
	const fields = fieldsOf(json);
	for (const [name, fits] of Object.entries(shapes)) if (!fits(fields[name])) return no({ at: name });
	for (const name of Object.keys(fields)) if (!Object.hasOwn(shapes, name)) return no({ at: name });
	// Every field was looked at above.
	return ok(fields as unknown as Application);
}

/** What the file may hold, before anything of it was looked at. */
interface File {
	readonly terminal?: unknown;
	readonly domesticCountry?: unknown;
	readonly applications?: unknown;
}

/** The whole file. At least one application; no name twice. */
export function cardProfileFrom(json: unknown): Result<CardProfile, ProfileFault> {
	const fields: File = fieldsOf(json);
	const country = fields.domesticCountry;
	if (typeof country !== "string" || !/^\d{4}$/.test(country)) return no({ at: "domesticCountry" });
	const terminal = new Map<string, Uint8Array>();
	for (const [tag, value] of Object.entries(fieldsOf(fields.terminal))) {
		if (!/^([0-9A-F]{2}){1,3}$/.test(tag) || typeof value !== "string" || !isBytes(value))
			return no({ at: `terminal.${tag}` });
		terminal.set(tag, unhex(value));
	}
	const missing = ["9F1A", "5F2A", "9F33", "9F35", "9F40"].find((tag) => !terminal.has(tag));
	if (missing !== undefined) return no({ at: `terminal.${missing}` });
	const rows: unknown = fields.applications;
	if (!Array.isArray(rows) || rows.length === 0) return no({ at: "applications" });
	const applications: Application[] = [];
	for (const [i, row] of rows.entries()) {
		const read = applicationFrom(row);
		if (!read.ok) return no({ at: `applications.${i}.${read.error.at}` });
		if (applications.some((a) => a.aid === read.value.aid)) return no({ at: `applications.${i}.aid` });
		applications.push(read.value);
	}
	return ok({ terminal, domesticCountry: country, applications });
}

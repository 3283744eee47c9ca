/** What the world and an acquirer in its own process say to each other over the process's channel. */
import * as v from "valibot";
import { type AcquirerEvent, type Books, misbehaviour } from "./door.ts";

const id = v.number();
/** From the world. */
export const order = v.variant("ask", [
	v.strictObject({ id, ask: v.literal("behave"), rule: misbehaviour }),
	v.strictObject({ id, ask: v.literal("clear") }),
	v.strictObject({ id, ask: v.literal("books") }),
]);
export type Order = v.InferOutput<typeof order>;

/** From the acquirer. */
export type Told =
	| { readonly told: "ready"; readonly port: number }
	| { readonly told: "done"; readonly id: number; readonly books?: Books }
	/** Of an order that could not be read or done. */
	| { readonly told: "refused"; readonly id: number }
	| { readonly told: "event"; readonly event: AcquirerEvent };

/** From when until when a certificate is good. The builder of certificates wants the system's own dates. */
export interface Validity {
	readonly notBefore: Date;
	readonly notAfter: Date;
}

const dayMs = 86_400_000;

/** From a day ago, since the other end's clock may be behind, until `days` from now. */
export const validFor = (days: number): Validity => {
	const now = Date.now();
	return { notBefore: new Date(now - dayMs), notAfter: new Date(now + days * dayMs) };
};

/** Whether it is good now and will be for `days` more. The two times as a certificate writes them. */
export const isValidFor = (days: number, from: string, until: string): boolean =>
	Date.parse(from) <= Date.now() && Date.parse(until) > Date.now() + days * dayMs;

/**
 * The sizes and weights of type that pages use (the look). `free`: any character of GB 2312 may
 * occur, as in a shop's name.
 */
export interface Style {
	/** CSS pixels. */
	readonly size: number;
	readonly weight: 400 | 500 | 700;
	readonly free?: true;
	/** Only these characters occur: the largest sizes are for amounts and the clock. */
	readonly only?: string;
}
const figures = "0123456789.,:¥-+ ";
export const styles = {
	tiny: { size: 12, weight: 400 },
	small: { size: 14, weight: 400, free: true },
	smallBold: { size: 14, weight: 700 },
	body: { size: 16, weight: 400 },
	bodyBold: { size: 16, weight: 700 },
	lead: { size: 18, weight: 500, free: true },
	leadBold: { size: 18, weight: 700 },
	title: { size: 22, weight: 700 },
	huge: { size: 30, weight: 700 },
	hugeFigures: { size: 36, weight: 700, only: figures },
	clock: { size: 46, weight: 700, only: figures },
} as const satisfies Record<string, Style>;
export type StyleName = keyof typeof styles;
export const styleNames = Object.keys(styles) as readonly StyleName[];

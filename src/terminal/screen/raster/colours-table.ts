/** The colours of the look, 24-bit. */
export const colours = {
	paper: 0xfbf9f4,
	white: 0xffffff,
	line: 0xe3ded2,
	ink: 0x16212b,
	soft: 0x66727c,
	night: 0x12303b,
	nightSoft: 0x9db2b8,
	signal: 0x7fd3b4,
	jade: 0x0e7c66,
	jadeSoft: 0xddf0ea,
	amber: 0xc77700,
	amberSoft: 0xfcefd6,
	red: 0xb3261e,
	redSoft: 0xf9dedc,
	gold: 0xe3b95a,
} as const;
export type Colour = keyof typeof colours;

/** A machine is a pure step: what was, what came, what is now, and what should be done about it, in order. */
export interface Step<State, Effect> {
	readonly state: State;
	readonly effects: readonly Effect[];
}
export type Machine<State, Input, Effect> = (state: State, input: Input) => Step<State, Effect>;

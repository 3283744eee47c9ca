/** The platform's tables, as steps that are run once each and never changed. */
export const schema: readonly string[] = [
	`
	-- What is known of a terminal. through: all rows up to here are here for good.
	create table terminal (
		id text primary key,
		through integer not null default 0,
		session integer not null default 0,
		online integer not null default 0,
		version text not null default '',
		head integer not null default 0,
		seen text not null default ''
	) strict;

	-- Every row that came, once. A refused one is kept too, with what could not be read.
	create table inbox (
		terminal text not null,
		seq integer not null,
		id text not null,
		event text not null,
		refusal text,
		received text not null,
		primary key (terminal, seq)
	) strict, without rowid;
	create index inbox_refused on inbox (terminal, seq) where refusal is not null;

	-- One row a sale: what its last row said.
	create table sale (
		terminal text not null,
		intent text not null,
		first integer not null,
		last integer not null,
		state text not null,
		amount text not null,
		trace text not null,
		batch text not null,
		card text not null,
		scheme text not null,
		code text,
		reference text,
		authorisation text,
		at text not null,
		operator text not null,
		primary key (terminal, intent)
	) strict;
	create index sale_in_order on sale (terminal, first);

	-- What a person must look at: never deleted by the program.
	create table alarm (
		number integer primary key,
		terminal text not null,
		kind text not null,
		about text not null,
		at text not null,
		unique (terminal, kind, about)
	) strict;
	`,
	`
	-- Highest session ever born: a birth below it is a double or an old copy.
	alter table terminal add column highest integer not null default 0;
	update terminal set highest = session;
	`,
];

/** The ledger's tables, as steps that are run once each and never changed. */
export const schema: readonly string[] = [
	`
	-- Counters and switches: trace, batch, session of the fleet link, whether working keys are ours today.
	create table counter (name text primary key, value integer not null) strict;
	insert into counter values ('trace', 0), ('batch', 1), ('fleet-session', 0), ('signed-in', 0);

	-- The journal: one row an attempt to move money. The account is sealed by the vault and erased at the end.
	create table sale (
		id integer primary key,
		intent text not null,
		attempt integer not null,
		state text not null check (state in (
			'opened', 'sent', 'approved', 'declined', 'not-sent', 'cancelled', 'reversing', 'reversed')),
		amount integer not null check (amount > 0),
		at text not null,
		operator text not null,
		told integer not null default 0,
		trace integer not null default 0,
		batch integer not null default 0,
		sealed text not null default '',
		card text not null default '',
		scheme text not null default '',
		card_sequence integer not null default 0,
		pin integer not null default 0,
		reversal_data text not null default '',
		code text,
		reference text,
		authorisation text,
		settlement_date text,
		unique (intent, attempt)
	) strict;
	create index sale_open on sale (state) where state in ('opened', 'sent', 'reversing');
	create index sale_untold on sale (told) where told = 0;

	-- A reversal is there before the first byte leaves, and is never deleted.
	create table reversal (
		sale integer primary key references sale (id),
		state text not null check (state in ('ready', 'needless', 'armed', 'answered')),
		reason text,
		attempts integer not null default 0,
		code text
	) strict;

	create table slip (
		id integer primary key,
		sale integer not null references sale (id),
		copy text not null check (copy in ('merchant', 'cardholder')),
		state text not null check (state in ('waiting', 'begun', 'printed', 'sent-unconfirmed')),
		facts text not null,
		unique (sale, copy)
	) strict;
	create index slip_open on slip (state) where state in ('waiting', 'begun');

	-- What the cloud has yet to apply. seq has no gaps: it is taken in the transaction that inserts the row.
	create table outbox (
		seq integer primary key,
		id text not null unique,
		event text not null,
		state text not null default 'waiting' check (state in ('waiting', 'delivered', 'refused')),
		refusal text
	) strict;
	create index outbox_waiting on outbox (seq) where state = 'waiting';
	`,
	// A partial index serves a query only that repeats its condition: one for each question.
	`
	drop index sale_open;
	create index sale_unfinished on sale (id) where state in ('opened', 'sent');
	create index sale_reversing on sale (id) where state = 'reversing';
	`,
];

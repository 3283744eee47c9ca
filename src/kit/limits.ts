/**
 * Every bound of the terminal on one page; what happens at it stands beside it. Times in ms, sizes in bytes.
 */
export const limits = {
	/** A sale's digits in fen: 99,999,999.99. More digits: a wrong-key beep, nothing changes. */
	amountDigits: 10,
	/** Most bytes of one ISO 8583 frame. Longer: the line is closed and the answer counts as none. */
	hostFrameBytes: 4096,
	/** Most bytes of one local-socket frame. Longer: the connection is closed. */
	socketFrameBytes: 65_536,
	/**
	 * Connections to one local socket, and bytes that wait for one slow reader. More: that connection is closed.
	 */
	socketConnections: 16,
	socketWaitingBytes: 1_048_576,
	/** Most bytes a serial parser holds while it looks for a frame. More: the oldest go. */
	serialHeldBytes: 4096,
	/** Nesting of BER-TLV templates. Deeper: refused. */
	tlvDepth: 8,
	/** Records read of a card's directory, and answers to SELECT next. More are not looked at. */
	directoryRecords: 32,
	/** Records an application may want read. More: the card is not accepted. */
	cardRecords: 64,
	/** Rows of the outbox not yet applied by the cloud. At the bound no new sale is opened. */
	outboxRows: 10_000,
	/** Rows in one MQTT message, and messages under way. More waits. */
	outboxBatch: 50,
	outboxWindow: 16,
	/** Most bytes of one message to or from the cloud. Longer: the platform ends the connection. */
	fleetMessageBytes: 65_536,
	/** Wrong PINs (answer 55) in one sale. Then the sale ends. */
	pinTries: 3,
	/**
	 * Tries of one reversal in one go (parameter 23 + 1); then it is unresolved, and tried again in the
	 * background.
	 */
	reversalTries: 3,
	/** Lines kept by the event ring and shown by the bench. Older ones go. */
	eventRing: 500,
	/** Re-connection of a device: first wait, longest wait. */
	deviceBackoffMs: { least: 250, most: 30_000 },
	/**
	 * Until a printer has said how a job ended, ms. Longer: the slip counts as not out, and comes again as
	 * a reprint.
	 */
	printMs: 60_000,
	/** Most lines of one slip. Longer: refused as a bug. */
	slipLines: 200,
} as const;

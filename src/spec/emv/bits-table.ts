/**
 * Fields that are read bit by bit, by name: results, profiles, usage control and capabilities (EMV 4.4 Book
 * 3, Annex C; Book 4, Annex A).
 */

export interface Bit {
	/** From 1, as the books count. */
	readonly byte: number;
	readonly mask: number;
	/** What the set bit says. */
	readonly says: string;
	/** What the clear bit says, where a reader wants to hear it. */
	readonly otherwise?: string;
}

/** `bit` is 8 for the most significant. */
const bit = (byte: number, at: number, says: string, otherwise?: string): Bit => ({
	byte,
	mask: 1 << (at - 1),
	says,
	...(otherwise === undefined ? {} : { otherwise }),
});

/** 95, Book 3, C5. */
export const tvr = {
	odaNotPerformed: bit(1, 8, "Offline data authentication was not performed"),
	sdaFailed: bit(1, 7, "Static Data Authentication (SDA) failed"),
	cardDataMissing: bit(1, 6, "Integrated circuit card (ICC) data missing"),
	onExceptionFile: bit(1, 5, "Card appears on terminal exception file"),
	ddaFailed: bit(1, 4, "Dynamic Data Authentication (DDA) failed"),
	cdaFailed: bit(1, 3, "Combined DDA/Application Cryptogram Generation (CDA) failed"),
	sdaSelected: bit(1, 2, "Static Data Authentication (SDA) selected"),
	xdaSelected: bit(1, 1, "Extended Data Authentication (XDA) selected"),
	versionsDiffer: bit(2, 8, "Integrated circuit card (ICC) and terminal have different application versions"),
	expired: bit(2, 7, "Expired application"),
	notYetEffective: bit(2, 6, "Application not yet effective"),
	serviceNotAllowed: bit(2, 5, "Requested service not allowed for card product"),
	newCard: bit(2, 4, "New card"),
	cvmFailed: bit(3, 8, "Cardholder verification was not successful"),
	unrecognisedCvm: bit(3, 7, "Unrecognised CVM"),
	pinTryLimitExceeded: bit(3, 6, "PIN Try Limit exceeded"),
	pinPadMissing: bit(3, 5, "PIN entry required and PIN pad not present or not working"),
	pinNotEntered: bit(3, 4, "PIN entry required, PIN pad present, but PIN was not entered"),
	onlinePinEntered: bit(3, 3, "Online CVM captured"),
	biometricMissing: bit(3, 2, "Biometric required but Biometric capture device not working"),
	biometricNotEntered: bit(
		3,
		1,
		"Biometric required, Biometric capture device present, but Biometric Subtype entry was bypassed",
	),
	overFloorLimit: bit(4, 8, "Transaction exceeds floor limit"),
	lowerLimitExceeded: bit(4, 7, "Lower consecutive offline limit exceeded"),
	upperLimitExceeded: bit(4, 6, "Upper consecutive offline limit exceeded"),
	selectedRandomly: bit(4, 5, "Transaction selected randomly for online processing"),
	forcedOnline: bit(4, 4, "Merchant forced transaction online"),
	biometricTryLimitExceeded: bit(4, 3, "Biometric Try Limit exceeded"),
	biometricUnsupported: bit(4, 2, "A selected Biometric Type not supported"),
	xdaFailed: bit(4, 1, "XDA signature verification failed"),
	defaultTdol: bit(5, 8, "Default TDOL used"),
	issuerAuthenticationFailed: bit(5, 7, "Issuer authentication failed"),
	scriptFailedBefore: bit(5, 6, "Script processing failed before final GENERATE AC"),
	scriptFailedAfter: bit(5, 5, "Script processing failed after final GENERATE AC"),
} as const satisfies Readonly<Record<string, Bit>>;

/** 9B, Book 3, C6. */
export const tsi = {
	odaPerformed: bit(1, 8, "Offline data authentication was performed"),
	cvmPerformed: bit(1, 7, "Cardholder verification was performed"),
	cardRiskPerformed: bit(1, 6, "Card risk management was performed"),
	issuerAuthenticationPerformed: bit(1, 5, "Issuer authentication was performed"),
	terminalRiskPerformed: bit(1, 4, "Terminal risk management was performed"),
	scriptPerformed: bit(1, 3, "Script processing was performed"),
} as const satisfies Readonly<Record<string, Bit>>;

/** 82, Book 3, C1. */
export const aip = {
	xda: bit(1, 8, "Extended Data Authentication (XDA) is supported"),
	sda: bit(1, 7, "Static Data Authentication (SDA) is supported"),
	dda: bit(1, 6, "Dynamic Data Authentication (DDA) is supported"),
	cvm: bit(1, 5, "Cardholder verification is supported"),
	terminalRisk: bit(1, 4, "Terminal risk management is to be performed"),
	issuerAuthentication: bit(1, 3, "Issuer authentication is supported"),
	onDeviceCvm: bit(1, 2, "On device cardholder verification is supported"),
	cda: bit(1, 1, "Combined DDA/Application Cryptogram Generation (CDA) is supported"),
} as const satisfies Readonly<Record<string, Bit>>;

/** 9F07, Book 3, C2. */
export const auc = {
	domesticCash: bit(1, 8, "Valid for domestic cash transactions"),
	internationalCash: bit(1, 7, "Valid for international cash transactions"),
	domesticGoods: bit(1, 6, "Valid for domestic goods"),
	internationalGoods: bit(1, 5, "Valid for international goods"),
	domesticServices: bit(1, 4, "Valid for domestic services"),
	internationalServices: bit(1, 3, "Valid for international services"),
	atms: bit(1, 2, "Valid at ATMs"),
	notAtms: bit(1, 1, "Valid at terminals other than ATMs"),
	domesticCashback: bit(2, 8, "Domestic cashback allowed"),
	internationalCashback: bit(2, 7, "International cashback allowed"),
} as const satisfies Readonly<Record<string, Bit>>;

/** 9F33, Book 4, A2. */
export const capabilities = {
	keyed: bit(1, 8, "Card Data Input Capability: Manual key entry"),
	stripe: bit(1, 7, "Card Data Input Capability: Magnetic stripe"),
	contact: bit(1, 6, "Card Data Input Capability: IC with contacts"),
	plainPin: bit(2, 8, "CVM Capability: Plaintext PIN for ICC verification"),
	onlinePin: bit(2, 7, "CVM Capability: Enciphered PIN for online verification"),
	signature: bit(2, 6, "CVM Capability: Signature"),
	encipheredPin: bit(2, 5, "CVM Capability: Enciphered PIN for offline verification (RSA ODE)"),
	noCvm: bit(2, 4, "CVM Capability: No CVM required"),
	onlineBiometric: bit(2, 3, "CVM Capability: Online Biometric"),
	offlineBiometric: bit(2, 2, "CVM Capability: Offline Biometric"),
	encipheredPinEcc: bit(2, 1, "CVM Capability: Enciphered PIN for offline verification (ECC ODE)"),
	sda: bit(3, 8, "Security Capability: Static Data Authentication (SDA)"),
	dda: bit(3, 7, "Security Capability: Dynamic Data Authentication (DDA)"),
	captures: bit(3, 6, "Security Capability: Card capture"),
	cda: bit(3, 4, "Security Capability: Combined DDA/Application Cryptogram Generation (CDA)"),
	xda: bit(3, 3, "Security Capability: Extended Data Authentication (XDA)"),
} as const satisfies Readonly<Record<string, Bit>>;

const transaction = "Transaction Type Capability:";
const input = "Terminal Data Input Capability:";
const output = "Terminal Data Output Capability:";
/** 9F40, Book 4, A3. */
export const moreCapabilities = {
	cash: bit(1, 8, `${transaction} Cash`),
	goods: bit(1, 7, `${transaction} Goods`),
	services: bit(1, 6, `${transaction} Services`),
	cashback: bit(1, 5, `${transaction} Cashback`),
	inquiry: bit(1, 4, `${transaction} Inquiry`),
	transfer: bit(1, 3, `${transaction} Transfer`),
	payment: bit(1, 2, `${transaction} Payment`),
	administrative: bit(1, 1, `${transaction} Administrative`),
	cashDeposit: bit(2, 8, `${transaction} Cash deposit`),
	numericKeys: bit(3, 8, `${input} Numeric keys`),
	alphabeticKeys: bit(3, 7, `${input} Alphabetic and special characters keys`),
	commandKeys: bit(3, 6, `${input} Command keys`),
	functionKeys: bit(3, 5, `${input} Function keys`),
	printAttendant: bit(4, 8, `${output} Print or electronic, attendant`),
	printCardholder: bit(4, 7, `${output} Print or electronic, cardholder`),
	displayAttendant: bit(4, 6, `${output} Display, attendant`),
	displayCardholder: bit(4, 5, `${output} Display cardholder`),
	codeTable10: bit(4, 2, `${output} Code table 10`),
	codeTable9: bit(4, 1, `${output} Code table 9`),
	codeTable8: bit(5, 8, `${output} Code table 8`),
	codeTable7: bit(5, 7, `${output} Code table 7`),
	codeTable6: bit(5, 6, `${output} Code table 6`),
	codeTable5: bit(5, 5, `${output} Code table 5`),
	codeTable4: bit(5, 4, `${output} Code table 4`),
	codeTable3: bit(5, 3, `${output} Code table 3`),
	codeTable2: bit(5, 2, `${output} Code table 2`),
	codeTable1: bit(5, 1, `${output} Code table 1`),
} as const satisfies Readonly<Record<string, Bit>>;

/** 9F66, EMV Contactless Book A, 5.7, as Visa and UnionPay read it. */
export const ttq = {
	stripeMode: bit(1, 8, "Mag-stripe mode supported", "Mag-stripe mode not supported"),
	emvMode: bit(1, 6, "EMV mode supported", "EMV mode not supported"),
	contact: bit(1, 5, "EMV contact chip supported", "EMV contact chip not supported"),
	offlineOnly: bit(1, 4, "Offline-only reader", "Online capable reader"),
	onlinePin: bit(1, 3, "Online PIN supported", "Online PIN not supported"),
	signature: bit(1, 2, "Signature supported", "Signature not supported"),
	odaForOnline: bit(
		1,
		1,
		"Offline Data Authentication for Online Authorizations supported",
		"Offline Data Authentication for Online Authorizations not supported",
	),
	cryptogramRequired: bit(2, 8, "Online cryptogram required", "Online cryptogram not required"),
	cvmRequired: bit(2, 7, "CVM required", "CVM not required"),
	offlinePin: bit(2, 6, "(Contact Chip) Offline PIN supported", "(Contact Chip) Offline PIN not supported"),
	issuerUpdate: bit(3, 8, "Issuer Update Processing supported", "Issuer Update Processing not supported"),
	deviceCvm: bit(3, 7, "Consumer Device CVM supported", "Consumer Device CVM not supported"),
	fdda: bit(4, 8, "fDDA v1.0 Supported"),
} as const satisfies Readonly<Record<string, Bit>>;

/** 9F6C, EMV Contactless Book C-3. */
export const ctq = {
	onlinePin: bit(1, 8, "Online PIN Required"),
	signature: bit(1, 7, "Signature Required"),
	onlineWhenOdaFails: bit(
		1,
		6,
		"Go Online if Offline Data Authentication Fails and Reader is online capable",
	),
	switchWhenOdaFails: bit(
		1,
		5,
		"Switch Interface if Offline Data Authentication fails and Reader supports contact chip",
	),
	onlineWhenExpired: bit(1, 4, "Go Online if Application Expired"),
	switchForCash: bit(1, 3, "Switch Interface for Cash Transactions"),
	switchForCashback: bit(1, 2, "Switch Interface for Cashback Transactions"),
	deviceCvmPerformed: bit(2, 8, "Consumer Device CVM Performed"),
	issuerUpdate: bit(2, 7, "Card supports Issuer Update Processing at the POS"),
} as const satisfies Readonly<Record<string, Bit>>;

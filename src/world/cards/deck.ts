/**
 * The deck: test cards with published PINs and keys of their own. No number is a real account's, no key opens
 * anything.
 */
import type { Language } from "../../contract/settings.ts";
import { unhex } from "../../kit/bytes.ts";
import type { Random } from "../../kit/random.ts";
import { desFor as systemDes } from "../../runtime/des.ts";
import type { DesFor } from "../../spec/keys/cipher.ts";
import { cardMasterKey } from "../../spec/keys/issuer.ts";
import { ChipCard } from "./chip-card.ts";
import { type Answers, issuerFor } from "./issuer.ts";
import type { CardStore } from "./memory.ts";
import { type ProductId, products, recordsOf } from "./product-table.ts";

type Words = Readonly<Record<Language, string>>;
type Scheme = "unionpay" | "visa" | "mastercard";

export interface DeckCard {
	readonly id: string;
	readonly name: Words;
	readonly scheme: Scheme;
	readonly product: ProductId;
	/** Digits; good by Luhn. */
	readonly pan: string;
	/** YYMM. */
	readonly expiry: string;
	/** 5F34, two digits. */
	readonly psn: string;
	/** Printed on the card: these are test cards. */
	readonly pin: string;
	/** How the card wants its holder verified, and the same in words. */
	readonly cvm: "pin" | "signature" | "pin-or-signature";
	readonly note: Words;
	readonly balanceFen: bigint;
	readonly serviceCode: string;
	/** Which issuer's master keys. */
	readonly issuerKeys: IssuerId;
	/** CSS colour. */
	readonly colour: string;
	/** 5F20, up to 26 characters. */
	readonly holder: string;
}

/** Issuer master keys of the deck, published here: cryptograms and script MACs, 16 bytes each, hex. */
const issuers = {
	"unionpay-bank": { ac: "4755495441492D55502D4143AB013D20", smi: "4755495441492D55502D5343AB013D20" },
	"visa-bank": { ac: "4755495441492D56492D4143B0013D20", smi: "4755495441492D56492D5343B0013D20" },
	"mastercard-bank": { ac: "4755495441492D4D432D4143B5013D20", smi: "4755495441492D4D432D5343B5013D20" },
} as const;
export type IssuerId = keyof typeof issuers;
export const issuerIds = Object.keys(issuers) as readonly IssuerId[];

const askedForPin: Words = {
	"zh-CN": "联机密码 6 位，密码 123456",
	"zh-TW": "線上密碼 6 位，密碼 123456",
	en: "Online PIN, six digits: 123456",
};

export const deck: readonly DeckCard[] = [
	{
		id: "unionpay-debit",
		name: { "zh-CN": "银联借记卡", "zh-TW": "銀聯借記卡", en: "UnionPay debit" },
		scheme: "unionpay",
		product: "unionpay-debit",
		pan: "6217970000000005090",
		expiry: "3012",
		psn: "01",
		pin: "123456",
		cvm: "pin",
		note: askedForPin,
		balanceFen: 1_000_000n,
		serviceCode: "220",
		issuerKeys: "unionpay-bank",
		colour: "#b3212d",
		holder: "TEST/DEBIT",
	},
	{
		id: "unionpay-credit",
		name: { "zh-CN": "银联信用卡", "zh-TW": "銀聯信用卡", en: "UnionPay credit" },
		scheme: "unionpay",
		product: "unionpay-credit",
		pan: "6258070000050012",
		expiry: "2909",
		psn: "01",
		pin: "123456",
		cvm: "pin-or-signature",
		note: {
			"zh-CN": "密码 123456；不设密码时直接按确认并签名",
			"zh-TW": "密碼 123456；未設密碼時直接按確認並簽名",
			en: "PIN 123456; without a PIN press confirm and sign",
		},
		balanceFen: 5_000_000n,
		serviceCode: "201",
		issuerKeys: "unionpay-bank",
		colour: "#1d5b8f",
		holder: "TEST/CREDIT",
	},
	{
		id: "visa",
		name: { "zh-CN": "Visa 信用卡", "zh-TW": "Visa 信用卡", en: "Visa credit" },
		scheme: "visa",
		product: "visa",
		pan: "4761340000090119",
		expiry: "3006",
		psn: "01",
		pin: "1234",
		cvm: "signature",
		note: { "zh-CN": "凭签名，不输密码", "zh-TW": "憑簽名，不輸密碼", en: "Signature, no PIN" },
		balanceFen: 2_000_000n,
		serviceCode: "201",
		issuerKeys: "visa-bank",
		colour: "#1a1f71",
		holder: "TEST/VISA",
	},
	{
		id: "mastercard",
		name: { "zh-CN": "万事达信用卡", "zh-TW": "萬事達信用卡", en: "Mastercard credit" },
		scheme: "mastercard",
		product: "mastercard",
		pan: "5413330089604111",
		expiry: "3003",
		psn: "01",
		pin: "1234",
		cvm: "pin-or-signature",
		note: {
			"zh-CN": "联机密码 1234，或签名",
			"zh-TW": "線上密碼 1234，或簽名",
			en: "Online PIN 1234, or signature",
		},
		balanceFen: 2_000_000n,
		serviceCode: "201",
		issuerKeys: "mastercard-bank",
		colour: "#c4420e",
		holder: "TEST/MASTERCARD",
	},
];

export interface CardNeeds {
	readonly desFor: DesFor;
	readonly random: Random;
	/** Where counters and blocks outlive the process; absent: in the card object alone. */
	readonly store?: CardStore;
}

const masterKeys = (
	card: IssuedCard,
	desFor: DesFor,
): { readonly ac: Uint8Array; readonly smi: Uint8Array } => {
	const keys = issuers[card.issuerKeys];
	return {
		ac: cardMasterKey(desFor, unhex(keys.ac), card.pan, card.psn),
		smi: cardMasterKey(desFor, unhex(keys.smi), card.pan, card.psn),
	};
};

/**
 * The card itself, personalised with keys derived from its issuer's; it keeps its ATC as long as the object
 * lives.
 */
export function cardFor(card: DeckCard, { desFor, random, store }: CardNeeds): ChipCard {
	const product = products[card.product];
	const personalised = {
		product,
		...recordsOf(product, card),
		keys: masterKeys(card, desFor),
		desFor,
		random,
	};
	return new ChipCard(card.id, personalised, store);
}

/** What a bank has to know of a card. */
export type IssuedCard = Pick<
	DeckCard,
	"product" | "pan" | "expiry" | "psn" | "pin" | "cvm" | "balanceFen" | "issuerKeys"
>;
/** The bank behind one card. */
export interface Issuer extends Answers {
	readonly card: IssuedCard;
}

/**
 * The issuer of an account number; undefined when none of the cards, which are the deck unless told, has it.
 */
export function issuerOf(
	pan: string,
	desFor: DesFor = systemDes,
	cards: readonly IssuedCard[] = deck,
): Issuer | undefined {
	const card = cards.find((each) => each.pan === pan);
	return card === undefined
		? undefined
		: { card, ...issuerFor(products[card.product], masterKeys(card, desFor), { desFor, pin: card.pin }) };
}

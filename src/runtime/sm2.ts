/** SM2's curve: the shape that `spec/keys/sm2.ts` asks for. */
import { weierstrass } from "@noble/curves/abstract/weierstrass.js";

interface Curve {
	readonly base: (scalar: Uint8Array) => Uint8Array;
	readonly multiply: (point: Uint8Array, scalar: Uint8Array) => Uint8Array | undefined;
	readonly combine: (s: Uint8Array, point: Uint8Array, t: Uint8Array) => Uint8Array | undefined;
}

/** GB/T 32918.5-2017, the recommended curve. */
const parameters = {
	p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
	a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
	b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
	n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
	h: 1n,
	Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
	Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
} as const;

/**
 * The system's OpenSSL multiplies on this curve too, but Node gives neither a point's y nor a sum of points,
 * and no identity: so the curve is a library's, whose secret scalars take the same steps and are blinded.
 * Points are looked at before they are used: another curve's point would give the key away.
 */
export function sm2Curve(): Curve {
	const Point = weierstrass(parameters);
	const number = (bytes: Uint8Array): bigint => Point.Fn.fromBytes(bytes);
	const bytes = (point: InstanceType<typeof Point>): Uint8Array => point.toBytes(false).slice(1);
	const found = (point: Uint8Array): InstanceType<typeof Point> => {
		const whole = new Uint8Array(65);
		whole[0] = 4;
		whole.set(point, 1);
		const on = Point.fromBytes(whole);
		on.assertValidity();
		return on;
	};
	const or = <T>(run: () => T): T | undefined => {
		try {
			return run();
		} catch {
			return undefined;
		}
	};
	return {
		base: (scalar) => bytes(Point.BASE.multiply(number(scalar))),
		multiply: (point, scalar) => or(() => bytes(found(point).multiply(number(scalar)))),
		combine: (s, point, t) => or(() => bytes(Point.BASE.mulAddUnsafe(number(s), found(point), number(t)))),
	};
}

/** Text of Chinese hosts: GBK bytes to a string. What is no GBK becomes U+FFFD; nothing throws. */
const decoder = new TextDecoder("gbk");

export const readGbk = (bytes: Uint8Array): string => decoder.decode(bytes);

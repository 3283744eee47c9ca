/** The line to the shop: messages in, commands out, frames as they are. It dials again while the shop is away. */
export function dial(heard, frame, link) {
	let socket;
	const open = () => {
		socket = new WebSocket(`ws://${location.host}/live`);
		socket.binaryType = "arraybuffer";
		socket.onopen = () => link(true);
		socket.onmessage = ({ data }) => (typeof data === "string" ? heard(JSON.parse(data)) : frame(data));
		socket.onclose = () => {
			link(false);
			// An animation that nobody sees is the wait: a hidden page need not dial.
			document.body.animate([], { duration: 1500 }).onfinish = open;
		};
	};
	open();
	return (command) => {
		if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(command));
	};
}

/** Banks by the first four digits of their institution code, as F44 names them and the slip prints them. */
export const institutions: Readonly<Record<string, string>> = {
	"0100": "邮储银行",
	"0102": "工商银行",
	"0103": "农业银行",
	"0104": "中国银行",
	"0105": "建设银行",
	"0301": "交通银行",
	"0302": "中信银行",
	"0303": "光大银行",
	"0304": "华夏银行",
	"0305": "民生银行",
	"0306": "广发银行",
	"0307": "平安银行",
	"0308": "招商银行",
	"0309": "兴业银行",
	"0310": "浦发银行",
	"0403": "邮储银行",
};

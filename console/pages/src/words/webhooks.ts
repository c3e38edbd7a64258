// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the machines that are told what happens, in both languages; joined in vi.ts and en.ts.
export const webhooksVi = {
	'webhook': 'Máy nhận tin báo',
	'webhook.how': 'Phần mềm khác của đơn vị được báo ở đây khi có tin đến hoặc tin đi. Địa chỉ đặt trong tệp cấu hình trên máy chủ.',
	'webhook.none': 'Chưa đặt máy nhận nào. Thêm mục webhooks trong tệp cấu hình rồi nạp lại dịch vụ.',
	'webhook.url': 'Địa chỉ',
	'webhook.told': 'Đã báo',
	'webhook.waiting': 'Tin báo đang chờ',
	'webhook.oldest': 'Tin chờ lâu nhất',
	'webhook.given_up': 'Tin báo đã bỏ',
	'webhook.failing': 'Không nhận từ',
	'webhook.error': 'Lỗi gần nhất',
	'webhook.test': 'Gửi thử',
	'webhook.retry': 'Gửi lại tin đã bỏ',
	'webhook.discard': 'Quên tin đã bỏ',
	'webhook.discard.sure': 'Máy nhận sẽ không bao giờ biết những tin này. Quên?',
	'webhookstate.up': 'đang nhận',
	'webhookstate.failing': 'không nhận được',
};

export const webhooksEn: Record<keyof typeof webhooksVi, string> = {
	'webhook': 'Machines that are told',
	'webhook.how': 'Other programs of the office are told here when a message comes or leaves. Their addresses stand in the configuration file on the machine.',
	'webhook.none': 'None is configured. Add webhooks to the configuration file and reload the service.',
	'webhook.url': 'Address',
	'webhook.told': 'Told',
	'webhook.waiting': 'Events waiting',
	'webhook.oldest': 'Oldest of them',
	'webhook.given_up': 'Events given up',
	'webhook.failing': 'Failing since',
	'webhook.error': 'Last error',
	'webhook.test': 'Send a test',
	'webhook.retry': 'Tell what was given up',
	'webhook.discard': 'Forget what was given up',
	'webhook.discard.sure': 'That machine will never know of these events. Forget them?',
	'webhookstate.up': 'answering',
	'webhookstate.failing': 'failing',
};

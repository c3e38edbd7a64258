/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libgammu's state machine, wrapped. Called by the worker only. Its callbacks are set because parts of the library call
 * them without a check; what they say is not used: the guard has seen the wire. */
#include "gateway/drivers/gammu/gsm.h"

#include <gammu.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"

/* The guard answers every command, hence the library never has to repeat one. */
#define REPLIES 1

struct gsm {
	GSM_StateMachine *s;
	GSM_SMSC centre;
};

static int result(GSM_Error e)
{
	return e == ERR_NONE ? 0 : e == ERR_MOREMEMORY ? E_NOMEM : E_UNAVAILABLE;
}

static void on_sent(GSM_StateMachine *s, int status, int reference, void *self)
{
	(void)s, (void)status, (void)reference, (void)self;
}

static void on_message(GSM_StateMachine *s, GSM_SMSMessage *sms, void *self)
{
	(void)s, (void)sms, (void)self;
}

static void on_ussd(GSM_StateMachine *s, GSM_USSDMessage *ussd, void *self)
{
	(void)s, (void)ussd, (void)self;
}

static int replace(char **text, const char *with)
{
	char *copy = strdup(with);
	if (!copy)
		return E_NOMEM;
	free(*text);
	*text = copy;
	return 0;
}

/* The strings are freed by the library. */
static int configure(GSM_StateMachine *s, const char *tty, const char *model)
{
	GSM_Config *c = GSM_GetConfig(s, 0);
	if (!c || strlen(model) >= sizeof(c->Model))
		return E_INVALID;
	*c = (GSM_Config){ .CNMIParams = { -1, -1, -1, -1, -1 } };
	if (replace(&c->Device, tty) || replace(&c->Connection, "at") || replace(&c->DebugFile, ""))
		return E_NOMEM;
	memcpy(c->Model, model, strlen(model) + 1);
	GSM_SetConfigNum(s, 1);
	return 0;
}

static int connect_to(struct gsm *g, const char *tty, const char *model)
{
	int r = configure(g->s, tty, model);
	if (r)
		return r;
	GSM_SetSendSMSStatusCallback(g->s, on_sent, NULL);
	GSM_SetIncomingSMSCallback(g->s, on_message, NULL);
	GSM_SetIncomingUSSDCallback(g->s, on_ussd, NULL);
	return result(GSM_InitConnection(g->s, REPLIES));
}

int gsm_open(const char *tty, const char *model, struct gsm **ret)
{
	struct gsm *g = calloc(1, sizeof(*g));
	if (!g)
		return E_NOMEM;
	GSM_InitLocales(NULL);
	g->s = GSM_AllocStateMachine();
	int r = g->s ? connect_to(g, tty, model) : E_NOMEM;
	if (r) {
		gsm_close(g);
		return r;
	}
	*ret = g;
	return 0;
}

void gsm_close(struct gsm *g)
{
	if (!g)
		return;
	if (g->s) {
		if (GSM_IsConnected(g->s))
			(void)GSM_TerminateConnection(g->s);
		GSM_FreeStateMachine(g->s);
	}
	free(g);
}

int gsm_set_centre(struct gsm *g, const char *centre)
{
	memset(&g->centre, 0, sizeof(g->centre));
	g->centre.Location = 1;
	if (*centre) {
		if (!segment_number_ok(centre))
			return E_INVALID;
		EncodeUnicode(g->centre.Number, centre, strlen(centre));
		return 0;
	}
	int r = result(GSM_GetSMSC(g->s, &g->centre));
	return r ? r : g->centre.Number[0] || g->centre.Number[1] ? 0 : E_NOT_FOUND;
}

int gsm_listen(struct gsm *g)
{
	int messages = result(GSM_SetIncomingSMS(g->s, TRUE));
	int ussd = result(GSM_SetIncomingUSSD(g->s, TRUE));
	return messages ? messages : ussd;
}

static void put_text(unsigned char *out, const char *text)
{
	uint16_t units[SEGMENT_UNITS];
	int n = segment_units(text, units, COUNT_OF(units));
	for (int i = 0; i < n; i++) {
		out[2 * i] = (unsigned char)(units[i] >> 8);
		out[2 * i + 1] = (unsigned char)units[i];
	}
}

static void put_header(GSM_UDHHeader *udh, const struct segment *s)
{
	const unsigned char header[] = { 5, 0, 3, (unsigned char)s->ref, (unsigned char)s->parts, (unsigned char)s->part };
	udh->Type = UDH_UserUDH;
	udh->Length = sizeof(header);
	memcpy(udh->Text, header, sizeof(header));
}

int gsm_send(struct gsm *g, const struct segment *s)
{
	OWN(mem) GSM_SMSMessage *sms = calloc(1, sizeof(*sms));
	if (!sms)
		return E_NOMEM;
	GSM_SetDefaultSMSData(sms);
	sms->PDU = s->receipt ? SMS_Status_Report : SMS_Submit;
	sms->Class = s->flash ? GSM_SMS_Flash : GSM_SMS_None;
	sms->Coding = s->encoding == ENCODING_UCS2 ? SMS_Coding_Unicode_No_Compression : SMS_Coding_Default_No_Compression;
	sms->SMSC = g->centre;
	sms->SMSC.Location = 0; /* else the library asks the SIM again and takes its validity too */
	sms->SMSC.Validity.Format = SMS_Validity_RelativeFormat;
	sms->SMSC.Validity.Relative = (GSM_ValidityPeriod)s->validity;
	EncodeUnicode(sms->Number, s->to, strlen(s->to));
	put_text(sms->Text, s->text);
	sms->UDH.Type = UDH_NoUDH;
	if (s->parts > 1)
		put_header(&sms->UDH, s);
	return result(GSM_SendSMS(g->s, sms));
}

void gsm_absorb(struct gsm *g)
{
	(void)GSM_ReadDevice(g->s, FALSE);
}

int gsm_signal(struct gsm *g, int *ret_percent)
{
	GSM_SignalQuality q = { 0 };
	int r = result(GSM_GetSignalQuality(g->s, &q));
	if (r || q.SignalPercent < 0)
		return r ? r : E_NOT_FOUND;
	*ret_percent = q.SignalPercent > 100 ? 100 : q.SignalPercent;
	return 0;
}

int gsm_network(struct gsm *g, struct gsm_network *ret)
{
	GSM_NetworkInfo info;
	memset(&info, 0, sizeof(info));
	int r = result(GSM_GetNetworkInfo(g->s, &info));
	if (r)
		return r;
	struct gsm_network n = { .known = info.State && info.State != GSM_NetworkStatusUnknown };
	n.registered = info.State == GSM_HomeNetwork || info.State == GSM_RoamingNetwork;
	n.roaming = info.State == GSM_RoamingNetwork;
	char name[sizeof(info.NetworkName) * 2] = "";
	info.NetworkName[sizeof(info.NetworkName) - 1] = info.NetworkName[sizeof(info.NetworkName) - 2] = 0;
	(void)EncodeUTF8(name, info.NetworkName);
	const char *text = *name ? name : info.NetworkCode;
	size_t n_bytes = text_cut(text, sizeof(n.name) - 1);
	memcpy(n.name, text, n_bytes);
	n.name[n_bytes] = '\0';
	*ret = n;
	return 0;
}

int gsm_dial(struct gsm *g, const char *code)
{
	OWN(mem) char *copy = strdup(code);
	return copy ? result(GSM_DialService(g->s, copy)) : E_NOMEM;
}

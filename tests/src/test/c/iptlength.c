/*
 * How long instructions are to libipt, in 64-bit mode.
 *
 *   iptlength FILE
 *
 * FILE has strings of 15 bytes. For each a line with the length of the instruction at its start, 0 where libipt knows
 * none. Each string stands alone in memory, behind a PSB+ that names its address.
 */
#include <stdio.h>
#include <string.h>

#include <intel-pt.h>

enum { BYTES = 15 };

static const uint64_t base = 0x10000000;

static int read_string(uint8_t *buffer, size_t size, const struct pt_asid *asid, uint64_t ip, void *context)
{
	size_t n;

	(void) asid;
	if (ip < base || ip >= base + BYTES)
		return -pte_nomap;
	n = base + BYTES - ip;
	if (n > size)
		n = size;
	memcpy(buffer, (uint8_t *) context + (ip - base), n);
	return (int) n;
}

static int length(struct pt_insn_decoder *decoder)
{
	struct pt_insn insn;
	struct pt_event event;
	int status = pt_insn_sync_set(decoder, 0);

	while (status >= 0 && (status & pts_event_pending))
		status = pt_insn_event(decoder, &event, sizeof(event));
	if (status < 0)
		return 0;
	memset(&insn, 0, sizeof(insn));
	(void) pt_insn_next(decoder, &insn, sizeof(insn)); /* tells the instruction even if it fails behind it */
	return insn.ip == base ? insn.size : 0;
}

int main(int argc, char **argv)
{
	/* PSB, MODE.Exec, FUP, PSBEND, and the TNT and TIP that a branch asks for */
	uint8_t packets[] = {
		0x02, 0x82, 0x02, 0x82, 0x02, 0x82, 0x02, 0x82, 0x02, 0x82, 0x02, 0x82, 0x02, 0x82, 0x02, 0x82,
		0x99, 0x01, 0x7d, 0, 0, 0, 0x10, 0, 0, 0x02, 0x23, 0x06, 0x2d, 0, 0
	};
	uint8_t code[BYTES];
	struct pt_config config;
	struct pt_insn_decoder *decoder;
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;

	if (!file) {
		fprintf(stderr, "usage: iptlength FILE\n");
		return 2;
	}
	pt_config_init(&config);
	config.begin = packets;
	config.end = packets + sizeof(packets);
	decoder = pt_insn_alloc_decoder(&config);
	if (!decoder || pt_image_set_callback(pt_insn_get_image(decoder), read_string, code) < 0)
		return 1;
	while (fread(code, BYTES, 1, file) == 1)
		printf("%d\n", length(decoder));
	pt_insn_free_decoder(decoder);
	return fflush(stdout) ? 1 : 0;
}

/*
 * Lists the packets of a raw Intel PT file as libipt's packet decoder sees them.
 *
 *   ptdump FILE
 *
 * First line: "libipt MAJOR.MINOR.BUILD". Then a line per packet: offset and size in hex, and the packet in the
 * notation of Crosspatch's PtPacketText. Where the decoder refuses the bytes: offset and "bad" (then it goes on at the
 * next PSB) or "cut" (the file ends inside a packet).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <intel-pt.h>

static void print_ip(const char *name, const struct pt_packet_ip *packet)
{
	switch (packet->ipc) {
	case pt_ipc_suppressed:
		printf("%s 0: ????????????????", name);
		break;
	case pt_ipc_update_16:
		printf("%s 1: ????????????%04" PRIx64, name, packet->ip);
		break;
	case pt_ipc_update_32:
		printf("%s 2: ????????%08" PRIx64, name, packet->ip);
		break;
	case pt_ipc_sext_48:
		printf("%s 3: %016" PRIx64, name, (uint64_t) ((int64_t) (packet->ip << 16) >> 16));
		break;
	case pt_ipc_update_48:
		printf("%s 4: ????%012" PRIx64, name, packet->ip);
		break;
	case pt_ipc_full:
		printf("%s 6: %016" PRIx64, name, packet->ip);
		break;
	}
}

static void print_tnt(const char *name, const struct pt_packet_tnt *packet)
{
	printf("%s ", name);
	for (int bit = packet->bit_size - 1; bit >= 0; bit--)
		putchar((packet->payload >> bit) & 1 ? '!' : '.');
}

static void print_mode(const struct pt_packet_mode *packet)
{
	if (packet->leaf == pt_mol_exec) {
		printf("mode.exec%s%s", packet->bits.exec.csd ? " cs.d" : "", packet->bits.exec.csl ? " cs.l" : "");
	} else {
		printf("mode.tsx%s%s", packet->bits.tsx.intx ? " intx" : "", packet->bits.tsx.abrt ? " abrt" : "");
	}
}

static void print_pwrx(const struct pt_packet_pwrx *packet)
{
	int wake = packet->interrupt | packet->store << 2 | packet->autonomous << 3;

	printf("pwrx ");
	if (wake == 1)
		printf("int");
	else if (wake == 4)
		printf("st");
	else if (wake == 8)
		printf("hw");
	else
		printf("%x", wake);
	printf(": c%u, c%u", (packet->last + 1u) & 15, (packet->deepest + 1u) & 15);
}

static void print_packet(const struct pt_packet *packet)
{
	switch (packet->type) {
	case ppt_pad:
		printf("pad");
		break;
	case ppt_psb:
		printf("psb");
		break;
	case ppt_psbend:
		printf("psbend");
		break;
	case ppt_ovf:
		printf("ovf");
		break;
	case ppt_stop:
		printf("stop");
		break;
	case ppt_tnt_8:
		print_tnt("tnt.8", &packet->payload.tnt);
		break;
	case ppt_tnt_64:
		print_tnt("tnt.64", &packet->payload.tnt);
		break;
	case ppt_tip:
		print_ip("tip", &packet->payload.ip);
		break;
	case ppt_tip_pge:
		print_ip("tip.pge", &packet->payload.ip);
		break;
	case ppt_tip_pgd:
		print_ip("tip.pgd", &packet->payload.ip);
		break;
	case ppt_fup:
		print_ip("fup", &packet->payload.ip);
		break;
	case ppt_mode:
		print_mode(&packet->payload.mode);
		break;
	case ppt_pip:
		printf("pip %" PRIx64 "%s", packet->payload.pip.cr3, packet->payload.pip.nr ? ", nr" : "");
		break;
	case ppt_vmcs:
		printf("vmcs %" PRIx64, packet->payload.vmcs.base);
		break;
	case ppt_tsc:
		printf("tsc %" PRIx64, packet->payload.tsc.tsc);
		break;
	case ppt_cbr:
		printf("cbr %x", packet->payload.cbr.ratio);
		break;
	case ppt_tma:
		printf("tma %x, %x", packet->payload.tma.ctc, packet->payload.tma.fc);
		break;
	case ppt_mtc:
		printf("mtc %x", packet->payload.mtc.ctc);
		break;
	case ppt_cyc:
		printf("cyc %" PRIx64, packet->payload.cyc.value);
		break;
	case ppt_mnt:
		printf("mnt %" PRIx64, packet->payload.mnt.payload);
		break;
	case ppt_ptw:
		printf("ptw %x: %" PRIx64 "%s", packet->payload.ptw.plc, packet->payload.ptw.payload,
		       packet->payload.ptw.ip ? ", ip" : "");
		break;
	case ppt_exstop:
		printf("exstop%s", packet->payload.exstop.ip ? " ip" : "");
		break;
	case ppt_mwait:
		printf("mwait %08x, %08x", packet->payload.mwait.hints, packet->payload.mwait.ext);
		break;
	case ppt_pwre:
		printf("pwre c%u.%u%s", (packet->payload.pwre.state + 1u) & 15,
		       (packet->payload.pwre.sub_state + 1u) & 15, packet->payload.pwre.hw ? ", hw" : "");
		break;
	case ppt_pwrx:
		print_pwrx(&packet->payload.pwrx);
		break;
	default:
		printf("type %d", packet->type);
		break;
	}
}

static int dump(struct pt_packet_decoder *decoder, size_t size)
{
	int status = pt_pkt_sync_set(decoder, 0);

	while (status >= 0) {
		struct pt_packet packet;
		uint64_t offset = 0;

		(void) pt_pkt_get_offset(decoder, &offset);
		status = pt_pkt_next(decoder, &packet, sizeof packet);
		if (status >= 0) {
			printf("%" PRIx64 " %x ", offset, packet.size);
			print_packet(&packet);
			putchar('\n');
		} else if (status != -pte_eos) {
			printf("%" PRIx64 " bad\n", offset);
			status = pt_pkt_sync_forward(decoder);
		} else if (offset < size) {
			printf("%" PRIx64 " cut\n", offset);
		}
	}
	if (status != -pte_eos)
		fprintf(stderr, "ptdump: %s\n", pt_errstr(pt_errcode(status)));
	return status == -pte_eos ? 0 : 1;
}

static uint8_t *read_file(const char *name, size_t *size)
{
	FILE *file = fopen(name, "rb");
	uint8_t *bytes = NULL;
	long length;

	if (file && !fseek(file, 0, SEEK_END) && (length = ftell(file)) >= 0 && !fseek(file, 0, SEEK_SET)) {
		bytes = malloc((size_t) length + 1);
		*size = bytes ? fread(bytes, 1, (size_t) length, file) : 0;
	}
	if (!bytes)
		perror(name);
	if (file)
		fclose(file);
	return bytes;
}

int main(int argc, char **argv)
{
	struct pt_version version = pt_library_version();
	struct pt_packet_decoder *decoder;
	struct pt_config config;
	size_t size = 0;
	uint8_t *bytes;
	int failed = 1;

	if (argc != 2) {
		fprintf(stderr, "usage: ptdump FILE\n");
		return 2;
	}
	bytes = read_file(argv[1], &size);
	if (!bytes)
		return 2;
	printf("libipt %u.%u.%u\n", version.major, version.minor, version.build);
	pt_config_init(&config);
	config.begin = bytes;
	config.end = bytes + size;
	decoder = pt_pkt_alloc_decoder(&config);
	if (decoder)
		failed = dump(decoder, size);
	else
		fprintf(stderr, "ptdump: cannot make a decoder\n");
	pt_pkt_free_decoder(decoder);
	free(bytes);
	return failed;
}

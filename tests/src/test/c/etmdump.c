/*
 * Lists the packets of an ETMv4 or ETE trace as OpenCSD's packet processor sees them.
 *
 *   etmdump PROTOCOL FORM IDR0 IDR1 IDR2 IDR8 DEVARCH TRACEID FILE
 *
 * PROTOCOL: etmv4, ete, or ete-listing; FORM: raw, or frames (16-byte CoreSight frames, of which TRACEID is listed).
 * Registers and ID in hex. First line: "OpenCSD VERSION". Then a line per packet: offset in hex and the packet in the
 * notation of Crosspatch's EtmPacketText; an exception stands on one line with the address packet that belongs to it.
 *
 * The C API of OpenCSD 1.3.3 takes no packet callback for its ETE decoder. As that decoder's packet processor is the
 * one for ETMv4 with major version 5, "ete" asks for ETMv4 with such a TRCIDR1, made from DEVARCH; "ete-listing"
 * creates the real ETE decoder and lets the library print its own lines, so that the two can be compared.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <opencsd/c_api/opencsd_c_api.h>

static int exception_open;
static int failed;

static uint32_t hex(const char *text)
{
	return (uint32_t) strtoul(text, NULL, 16);
}

static void print_atoms(const ocsd_pkt_atom *atom)
{
	putchar(' ');
	for (int i = 0; i < atom->num; i++)
		putchar((atom->En_bits >> i) & 1 ? 'E' : 'N');
}

static void print_atoms_before(const ocsd_etmv4_i_pkt *p)
{
	if (p->atom.num != 0) {
		printf(" after");
		print_atoms(&p->atom);
	}
}

static void print_address(const char *form, const ocsd_etmv4_i_pkt *p)
{
	printf(" %s IS%d 0x%" PRIx64, form, p->v_addr_ISA, (uint64_t) p->v_addr.val);
}

static void print_match(const ocsd_etmv4_i_pkt *p)
{
	char form[32];

	snprintf(form, sizeof form, "Exact Match [%d]", p->addr_exact_match_idx);
	print_address(form, p);
}

static void print_context(const ocsd_etmv4_i_pkt *p)
{
	static const char *const security[] = {"secure", "non-secure", "root", "realm"};
	const etmv4_context_t *c = &p->context;

	printf(" EL%d %s %s", c->EL, c->SF ? "AArch64" : "AArch32", security[c->NSE << 1 | c->NS]);
	if (c->updated_v)
		printf(", VMID 0x%" PRIx32, c->VMID);
	if (c->updated_c)
		printf(", Context ID 0x%" PRIx32, c->ctxtID);
}

static void print_trace_info(const ocsd_etmv4_i_pkt *p)
{
	printf("Trace Info info 0x%02" PRIx32, p->trace_info.val);
	if (p->trace_info.bits.cc_enabled)
		printf(", threshold %" PRIu32, p->pkt_valid.bits.cc_thresh_valid ? p->cc_threshold : 0);
	if (p->pkt_valid.bits.spec_depth_valid && p->curr_spec_depth != 0)
		printf(", speculation %" PRIu32, p->curr_spec_depth);
	if (p->pkt_valid.bits.p0_key_valid && p->p0_key != 0)
		printf(", key %" PRIu32, p->p0_key);
}

static void print_cycle_count(const char *name, const ocsd_etmv4_i_pkt *p)
{
	printf("%s", name);
	if (p->pkt_valid.bits.commit_elem_valid && p->commit_elements != 0)
		printf(" commit %" PRIu32 ",", p->commit_elements);
	printf(" cycles %" PRIu32, p->cycle_count);
}

static void print_exception(const ocsd_etmv4_i_pkt *p)
{
	static const char *const names[] = {
		"PE reset", "debug halt", "call", "trap", "system error", "", "inst debug", "data debug",
		"", "", "alignment", "inst fault", "data fault", "", "IRQ", "FIQ"};
	int type = p->exception_info.exceptionType;

	printf("Exception %d ", type);
	if (type < 16)
		printf("(%s)", names[type]);
	else
		printf("(implementation defined %d)", type - 16);
	printf("%s, return to", p->exception_info.addr_interp == 2 ? " at a branch target" : "");
	exception_open = 1;
}

static void print_event(const ocsd_etmv4_i_pkt *p)
{
	printf("Event");
	for (int i = 0; i < 4; i++)
		if ((p->event_val >> i) & 1)
			printf(" %d", i);
}

static void print_q(const ocsd_etmv4_i_pkt *p)
{
	static const char *const forms[] = {
		[5] = "Short", [6] = "Short", [10] = "32-bit", [11] = "32-bit"};

	printf("Q");
	if (p->Q_pkt.addr_match)
		print_match(p);
	else if (p->Q_pkt.addr_present)
		print_address(forms[p->Q_pkt.q_type], p);
	if (p->Q_pkt.count_present)
		printf(", count %" PRIu32, p->Q_pkt.q_count);
}

static void print_timestamp(const ocsd_etmv4_i_pkt *p)
{
	printf("Timestamp 0x%" PRIx64, p->ts.timestamp);
	if (p->pkt_valid.bits.cc_valid)
		printf(", cycles %" PRIu32, p->cycle_count);
}

static void print_simple(const char *text)
{
	fputs(text, stdout);
}

static void print_atom_format(int format, const ocsd_etmv4_i_pkt *p)
{
	printf("Atom F%d", format);
	print_atoms(&p->atom);
}

static void print_counted(const char *name, uint32_t count, const char *end)
{
	printf("%s %" PRIu32 "%s", name, count, end);
}

/* Packets that have an address; 0 if this is none. */
static int print_address_packet(const ocsd_etmv4_i_pkt *p)
{
	const char *name = exception_open ? "" : p->type >= ETE_PKT_I_SRC_ADDR_MATCH ? "Source Address" : "Target Address";

	switch ((int) p->type) {
	case ETM4_PKT_I_ADDR_MATCH:
	case ETE_PKT_I_SRC_ADDR_MATCH:
		print_simple(name);
		print_match(p);
		return 1;
	case ETM4_PKT_I_ADDR_S_IS0:
	case ETM4_PKT_I_ADDR_S_IS1:
	case ETE_PKT_I_SRC_ADDR_S_IS0:
	case ETE_PKT_I_SRC_ADDR_S_IS1:
		print_simple(name);
		print_address("Short", p);
		return 1;
	case ETM4_PKT_I_ADDR_L_32IS0:
	case ETM4_PKT_I_ADDR_L_32IS1:
	case ETE_PKT_I_SRC_ADDR_L_32IS0:
	case ETE_PKT_I_SRC_ADDR_L_32IS1:
		print_simple(name);
		print_address("32-bit", p);
		return 1;
	case ETM4_PKT_I_ADDR_L_64IS0:
	case ETM4_PKT_I_ADDR_L_64IS1:
	case ETE_PKT_I_SRC_ADDR_L_64IS0:
	case ETE_PKT_I_SRC_ADDR_L_64IS1:
		print_simple(name);
		print_address("64-bit", p);
		return 1;
	case ETM4_PKT_I_ADDR_CTXT_L_32IS0:
	case ETM4_PKT_I_ADDR_CTXT_L_32IS1:
		print_simple(name);
		print_address("32-bit", p);
		print_context(p);
		return 1;
	case ETM4_PKT_I_ADDR_CTXT_L_64IS0:
	case ETM4_PKT_I_ADDR_CTXT_L_64IS1:
		print_simple(name);
		print_address("64-bit", p);
		print_context(p);
		return 1;
	default:
		return 0;
	}
}

static void print_other_packet(const ocsd_etmv4_i_pkt *p)
{
	switch ((int) p->type) {
	case ETM4_PKT_I_ASYNC: print_simple("A-Sync"); break;
	case ETM4_PKT_I_DISCARD: print_simple("Discard"); break;
	case ETM4_PKT_I_OVERFLOW: print_simple("Overflow"); break;
	case ETM4_PKT_I_TRACE_INFO: print_trace_info(p); break;
	case ETM4_PKT_I_TIMESTAMP: print_timestamp(p); break;
	case ETE_PKT_I_TS_MARKER: print_simple("Timestamp Marker"); break;
	case ETM4_PKT_I_TRACE_ON: print_simple("Trace On"); break;
	case ETM4_PKT_I_EXCEPT: print_exception(p); break;
	case ETM4_PKT_I_EXCEPT_RTN: print_simple("Exception Return"); break;
	case ETE_PKT_I_PE_RESET: print_simple("PE Reset"); break;
	case ETE_PKT_I_TRANS_FAIL: print_simple("Transaction Failure"); break;
	case ETE_PKT_I_TRANS_ST: print_simple("Transaction Start"); break;
	case ETE_PKT_I_TRANS_COMMIT: print_simple("Transaction Commit"); break;
	case ETM4_PKT_I_CCNT_F1: print_cycle_count("Cycle Count F1", p); break;
	case ETM4_PKT_I_CCNT_F2: print_cycle_count("Cycle Count F2", p); break;
	case ETM4_PKT_I_CCNT_F3: print_cycle_count("Cycle Count F3", p); break;
	case ETM4_PKT_I_COMMIT: print_counted("Commit", p->commit_elements, ""); break;
	case ETM4_PKT_I_CANCEL_F1: print_counted("Cancel F1", p->cancel_elements, ""); break;
	case ETM4_PKT_I_CANCEL_F1_MISPRED: print_counted("Cancel F1", p->cancel_elements, ", mispredict"); break;
	case ETM4_PKT_I_CANCEL_F2:
		print_simple("Cancel F2");
		print_atoms_before(p);
		print_counted("", p->cancel_elements, ", mispredict");
		break;
	case ETM4_PKT_I_CANCEL_F3:
		print_simple("Cancel F3");
		print_atoms_before(p);
		print_counted("", p->cancel_elements, ", mispredict");
		break;
	case ETM4_PKT_I_MISPREDICT:
		print_simple("Mispredict");
		print_atoms_before(p);
		break;
	case ETM4_PKT_I_IGNORE: print_simple("Ignore"); break;
	case ETM4_PKT_I_EVENT: print_event(p); break;
	case ETM4_PKT_I_CTXT:
		print_simple(p->context.updated ? "Context" : "Context Same");
		if (p->context.updated)
			print_context(p);
		break;
	case ETM4_PKT_I_Q: print_q(p); break;
	case ETM4_PKT_I_ATOM_F1: print_atom_format(1, p); break;
	case ETM4_PKT_I_ATOM_F2: print_atom_format(2, p); break;
	case ETM4_PKT_I_ATOM_F3: print_atom_format(3, p); break;
	case ETM4_PKT_I_ATOM_F4: print_atom_format(4, p); break;
	case ETM4_PKT_I_ATOM_F5: print_atom_format(5, p); break;
	case ETM4_PKT_I_ATOM_F6: print_atom_format(6, p); break;
	default: printf("bad 0x%x", (unsigned) p->type); break;
	}
}

static int is_address_packet(const ocsd_etmv4_i_pkt *p)
{
	return (p->type >= ETM4_PKT_I_ADDR_CTXT_L_32IS0 && p->type <= ETM4_PKT_I_ADDR_CTXT_L_64IS1) ||
	       (p->type >= ETM4_PKT_I_ADDR_MATCH && p->type <= ETM4_PKT_I_ADDR_L_64IS1);
}

static void on_packet(const void *context, const ocsd_datapath_op_t op, const ocsd_trc_index_t index, const void *packet,
		      const uint32_t size, const uint8_t *data)
{
	const ocsd_etmv4_i_pkt *p = packet;

	(void) context;
	(void) size;
	(void) data;
	if (op != OCSD_OP_DATA)
		return;
	if (exception_open && !is_address_packet(p)) {
		puts(" nothing");
		exception_open = 0;
	}
	if (!exception_open)
		printf("%" PRIx64 " ", (uint64_t) index);
	if (print_address_packet(p))
		exception_open = 0;
	else
		print_other_packet(p);
	if (!exception_open)
		putchar('\n');
}

static void check(const char *what, int error)
{
	char text[256];

	if (error == OCSD_OK)
		return;
	ocsd_err_str(error, text, sizeof text);
	fprintf(stderr, "etmdump: %s: %s\n", what, text);
	failed = 1;
}

static void create_etmv4(dcd_tree_handle_t tree, char **arg, int ete, unsigned char *id)
{
	ocsd_etmv4_cfg config = {0};
	uint32_t devarch = hex(arg[7]);

	config.reg_idr0 = hex(arg[3]);
	config.reg_idr1 = ete ? (devarch >> 12 & 15) << 8 | (devarch >> 16 & 15) << 4 : hex(arg[4]);
	config.reg_idr2 = hex(arg[5]);
	config.reg_idr8 = hex(arg[6]);
	config.reg_traceidr = hex(arg[8]);
	config.arch_ver = ARCH_AA64;
	config.core_prof = profile_CortexA;
	check("decoder", ocsd_dt_create_decoder(tree, OCSD_BUILTIN_DCD_ETMV4I, OCSD_CREATE_FLG_PACKET_PROC, &config, id));
	check("callback", ocsd_dt_attach_packet_callback(tree, *id, OCSD_C_API_CB_PKT_MON, on_packet, NULL));
}

static void create_ete(dcd_tree_handle_t tree, char **arg, unsigned char *id)
{
	ocsd_ete_cfg config = {0};

	config.reg_idr0 = hex(arg[3]);
	config.reg_idr1 = hex(arg[4]);
	config.reg_idr2 = hex(arg[5]);
	config.reg_idr8 = hex(arg[6]);
	config.reg_devarch = hex(arg[7]);
	config.reg_traceidr = hex(arg[8]);
	config.arch_ver = ARCH_AA64;
	config.core_prof = profile_CortexA;
	check("decoder", ocsd_dt_create_decoder(tree, OCSD_BUILTIN_DCD_ETE, OCSD_CREATE_FLG_PACKET_PROC, &config, id));
	check("printer", ocsd_dt_set_pkt_protocol_printer(tree, *id, 0));
}

static uint8_t *read_file(const char *name, uint32_t *size)
{
	FILE *file = fopen(name, "rb");
	uint8_t *bytes = NULL;

	*size = 0;
	if (file == NULL) {
		perror(name);
		exit(2);
	}
	for (size_t n = 1; n != 0; *size += (uint32_t) n) {
		bytes = realloc(bytes, *size + 65536);
		n = fread(bytes + *size, 1, 65536, file);
	}
	fclose(file);
	return bytes;
}

int main(int argc, char **argv)
{
	unsigned char id = 0;
	uint32_t size, done = 0, used;
	uint8_t *trace;
	dcd_tree_handle_t tree;
	int frames, listing;

	if (argc != 10) {
		fprintf(stderr, "usage: etmdump etmv4|ete|ete-listing raw|frames IDR0 IDR1 IDR2 IDR8 DEVARCH TRACEID FILE\n");
		return 2;
	}
	frames = strcmp(argv[2], "frames") == 0;
	listing = strcmp(argv[1], "ete-listing") == 0;
	trace = read_file(argv[9], &size);
	printf("OpenCSD %s\n", ocsd_get_version_str());
	fflush(stdout); /* the library prints with a stream of its own */
	ocsd_def_errlog_init(OCSD_ERR_SEV_ERROR, 1);
	/* errors and the listing go the same way */
	ocsd_def_errlog_config_output(listing ? C_API_MSGLOGOUT_FLG_STDOUT : C_API_MSGLOGOUT_FLG_STDERR, NULL);
	tree = ocsd_create_dcd_tree(frames ? OCSD_TRC_SRC_FRAME_FORMATTED : OCSD_TRC_SRC_SINGLE,
				    frames ? OCSD_DFRMTR_FRAME_MEM_ALIGN : 0);
	if (listing)
		create_ete(tree, argv, &id);
	else
		create_etmv4(tree, argv, strcmp(argv[1], "ete") == 0, &id);
	while (!failed && done < size) {
		ocsd_datapath_resp_t answer = ocsd_dt_process_data(tree, OCSD_OP_DATA, done, size - done, trace + done, &used);
		done += used;
		if (!OCSD_DATA_RESP_IS_CONT(answer)) {
			fprintf(stderr, "etmdump: processing stopped at byte %" PRIx32 " with %d\n", done, (int) answer);
			failed = 1;
		}
	}
	if (!failed)
		ocsd_dt_process_data(tree, OCSD_OP_EOT, done, 0, NULL, &used);
	ocsd_destroy_dcd_tree(tree);
	free(trace);
	return failed;
}

/*
 * Decodes a raw ETMv4 or ETE file with OpenCSD's flow decoder.
 *
 *   ocsdflow [-q] [-p POKES] PROTOCOL CONFIGR TRACEIDR IDR0 IDR1 IDR2 IDR8 DEVARCH TRACE TEXT@ADDRESS...
 *
 * PROTOCOL is etmv4 or ete; registers in hex. TEXT is a file with the bytes at ADDRESS (hex). POKES has a line "OFFSET
 * ADDRESS BYTES" (decimal, hex, hex) for each text change, in order: it is made before the byte at OFFSET of the trace
 * is given to the decoder. OFFSET must be where a packet starts.
 *
 * -q  prints no flow
 *
 * Tells the flow in the form of flow.h, with these lines: "! FROM TO" for an exception; "~ untold FROM" for one behind
 * which nothing is known to have run; "~ overflow ADDRESS" and "~ on ADDRESS" where tracing goes on, with all bits set
 * if the trace ends so; "? OFFSET ADDRESS MESSAGE" for an error, at which it stops: OpenCSD 1.3.3 may crash if it goes
 * on behind one. The last is "# INSTRUCTIONS SECONDS".
 *
 * OpenCSD 1.3.3 keeps pages of the text it has read, and has no call to make it forget them. A memory accessor that is
 * removed and added again does.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <opencsd/c_api/opencsd_c_api.h>

#include "flow.h"

#define DEBUG_HALT 1
/* A64 and A32; T32's are two, or four if the first halfword says so (DDI0487 F3.1). */
#define WORD_BYTES 4
#define T32_WIDE 0xe8

struct region {
	uint64_t address;
	size_t size;
	uint8_t *bytes;
};

struct poke {
	uint64_t offset;
	uint64_t address;
	size_t size;
	uint8_t *bytes;
};

static struct region *regions;
static size_t region_count;
static struct poke *pokes;
static size_t poke_count;
static int quiet;
static int failed;
static uint64_t instructions;

/* What waits for the next address: an exception, or that tracing went on. */
static int left;
static uint64_t left_from;
static const char *gap;

static void *grow(void *array, size_t count, size_t size)
{
	void *bigger = realloc(array, (count + 1) * size);

	if (!bigger) {
		perror("ocsdflow");
		exit(2);
	}
	return bigger;
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
	if (!bytes) {
		perror(name);
		exit(2);
	}
	fclose(file);
	return bytes;
}

static void add_text(char *argument)
{
	char *at = strrchr(argument, '@');
	struct region region;

	if (!at) {
		fprintf(stderr, "ocsdflow: %s is not TEXT@ADDRESS\n", argument);
		exit(2);
	}
	*at = 0;
	region.bytes = read_file(argument, &region.size);
	region.address = strtoull(at + 1, NULL, 16);
	regions = grow(regions, region_count, sizeof region);
	regions[region_count++] = region;
}

static size_t parse_hex(const char *text, uint8_t *bytes)
{
	size_t count = 0;
	unsigned int byte;

	while (sscanf(text + 2 * count, "%2x", &byte) == 1)
		bytes[count++] = (uint8_t) byte;
	return count;
}

static void read_pokes(const char *name)
{
	size_t size = 0;
	char *text = (char *) read_file(name, &size);

	text[size] = 0;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		struct poke poke;
		int used = 0;

		if (sscanf(line, "%" SCNu64 " %" SCNx64 " %n", &poke.offset, &poke.address, &used) != 2) {
			fprintf(stderr, "ocsdflow: not a poke: %s\n", line);
			exit(2);
		}
		poke.bytes = malloc(strlen(line));
		poke.size = parse_hex(line + used, poke.bytes);
		pokes = grow(pokes, poke_count, sizeof poke);
		pokes[poke_count++] = poke;
	}
	free(text);
}

static void check(const char *what, int error)
{
	char text[256];

	if (error == OCSD_OK)
		return;
	ocsd_err_str((ocsd_err_t) error, text, sizeof text);
	fprintf(stderr, "ocsdflow: %s: %s\n", what, text);
	exit(2);
}

/* ---- text */

static uint32_t read_memory(const void *context, const ocsd_vaddr_t address, const ocsd_mem_space_acc_t space, const uint8_t id,
			    const uint32_t size, uint8_t *buffer)
{
	const struct region *region = context;
	size_t offset = (size_t) (address - region->address);
	size_t rest = offset < region->size ? region->size - offset : 0;
	uint32_t count = rest < size ? (uint32_t) rest : size;

	(void) space;
	(void) id;
	memcpy(buffer, region->bytes + offset, count);
	return count;
}

static void give_text(dcd_tree_handle_t tree, const struct region *region)
{
	check("text", ocsd_dt_add_callback_trcid_mem_acc(tree, region->address, region->address + region->size - 1, OCSD_MEM_SPACE_ANY,
							 read_memory, region));
}

static void take_text(dcd_tree_handle_t tree, const struct region *region)
{
	check("text", ocsd_dt_remove_mem_acc(tree, region->address, OCSD_MEM_SPACE_ANY));
}

static void apply(dcd_tree_handle_t tree, const struct poke *poke)
{
	for (size_t i = 0; i < region_count; i++) {
		struct region *region = &regions[i];
		uint64_t offset = poke->address - region->address;

		if (offset < region->size && poke->size <= region->size - offset) {
			memcpy(region->bytes + offset, poke->bytes, poke->size);
			take_text(tree, region);
			give_text(tree, region);
		}
	}
}

/* ---- flow */

static void arrive(uint64_t address)
{
	if (left && !quiet)
		printf("! %" PRIx64 " %" PRIx64 "\n", left_from, address);
	if (gap && !quiet)
		printf("~ %s %" PRIx64 "\n", gap, address);
	left = 0;
	gap = NULL;
}

static void complain(ocsd_trc_index_t offset, uint64_t address, const char *message)
{
	if (!failed)
		printf("? %" PRIx64 " %" PRIx64 " %s\n", (uint64_t) offset, address, message);
	failed = 1;
}

static uint64_t length(ocsd_isa isa, uint64_t address)
{
	for (size_t i = 0; i < region_count && isa == ocsd_isa_thumb2; i++) {
		uint64_t offset = address - regions[i].address + 1;

		if (offset < regions[i].size)
			return regions[i].bytes[offset] < T32_WIDE ? 2 : WORD_BYTES;
	}
	return WORD_BYTES;
}

static void print_range(const ocsd_generic_trace_elem *element)
{
	arrive(element->st_addr);
	instructions += element->num_instr_range;
	for (uint64_t a = element->st_addr; a < element->en_addr && !quiet; a += length(element->isa, a))
		put_instruction(a);
}

static void take_exception(const ocsd_generic_trace_elem *element)
{
	arrive(element->en_addr);
	left = element->exception_number != DEBUG_HALT;
	left_from = element->en_addr;
}

/* OpenCSD tells where an exception went with what runs there; in a gap it does not. */
static void forget_exception(void)
{
	if (left && !quiet)
		printf("~ untold %" PRIx64 "\n", left_from);
	left = 0;
}

static void resume(const ocsd_generic_trace_elem *element)
{
	forget_exception();
	gap = element->trace_on_reason == TRACE_ON_OVERFLOW ? "overflow" : "on";
}

static void lose(ocsd_trc_index_t offset, unsync_info_t reason)
{
	if (reason == UNSYNC_OVERFLOW)
		gap = "overflow";
	else if (reason != UNSYNC_INIT_DECODER)
		complain(offset, 0, "synchronization lost");
	forget_exception();
}

static ocsd_datapath_resp_t take_element(const void *context, const ocsd_trc_index_t offset, const uint8_t id,
					 const ocsd_generic_trace_elem *element)
{
	(void) context;
	(void) id;
	if (failed)
		return OCSD_RESP_FATAL_SYS_ERR;
	switch (element->elem_type) {
	case OCSD_GEN_TRC_ELEM_INSTR_RANGE: print_range(element); break;
	case OCSD_GEN_TRC_ELEM_EXCEPTION: take_exception(element); break;
	case OCSD_GEN_TRC_ELEM_TRACE_ON: resume(element); break;
	case OCSD_GEN_TRC_ELEM_ADDR_NACC: complain(offset, element->st_addr, "no text"); break;
	case OCSD_GEN_TRC_ELEM_ADDR_UNKNOWN: complain(offset, 0, "address unknown"); break;
	case OCSD_GEN_TRC_ELEM_I_RANGE_NOPATH: complain(offset, element->st_addr, "path unknown"); break;
	case OCSD_GEN_TRC_ELEM_NO_SYNC: lose(offset, element->unsync_eot_info); break;
	default: break;
	}
	return failed ? OCSD_RESP_FATAL_SYS_ERR : OCSD_RESP_CONT;
}

/* ---- decoder */

static uint32_t hex(const char *text)
{
	return (uint32_t) strtoul(text, NULL, 16);
}

static void create_etmv4(dcd_tree_handle_t tree, char **arg)
{
	ocsd_etmv4_cfg config = {0};
	unsigned char id = 0;

	config.reg_configr = hex(arg[1]);
	config.reg_traceidr = hex(arg[2]);
	config.reg_idr0 = hex(arg[3]);
	config.reg_idr1 = hex(arg[4]);
	config.reg_idr2 = hex(arg[5]);
	config.reg_idr8 = hex(arg[6]);
	config.arch_ver = ARCH_AA64;
	config.core_prof = profile_CortexA;
	check("decoder", ocsd_dt_create_decoder(tree, OCSD_BUILTIN_DCD_ETMV4I, OCSD_CREATE_FLG_FULL_DECODER, &config, &id));
}

static void create_ete(dcd_tree_handle_t tree, char **arg)
{
	ocsd_ete_cfg config = {0};
	unsigned char id = 0;

	config.reg_configr = hex(arg[1]);
	config.reg_traceidr = hex(arg[2]);
	config.reg_idr0 = hex(arg[3]);
	config.reg_idr1 = hex(arg[4]);
	config.reg_idr2 = hex(arg[5]);
	config.reg_idr8 = hex(arg[6]);
	config.reg_devarch = hex(arg[7]);
	config.arch_ver = ARCH_AA64;
	config.core_prof = profile_CortexA;
	check("decoder", ocsd_dt_create_decoder(tree, OCSD_BUILTIN_DCD_ETE, OCSD_CREATE_FLG_FULL_DECODER, &config, &id));
}

static void feed(dcd_tree_handle_t tree, const uint8_t *trace, uint64_t from, uint64_t to)
{
	while (from < to && !failed) {
		uint32_t used = 0;
		ocsd_datapath_resp_t answer =
			ocsd_dt_process_data(tree, OCSD_OP_DATA, from, (uint32_t) (to - from), trace + from, &used);

		from += used;
		if (!OCSD_DATA_RESP_IS_CONT(answer))
			complain(from, 0, "OpenCSD gives up");
	}
}

static void decode(dcd_tree_handle_t tree, const uint8_t *trace, uint64_t size)
{
	uint64_t done = 0;
	uint32_t used = 0;

	for (size_t i = 0; i < poke_count; i++) {
		feed(tree, trace, done, pokes[i].offset);
		done = pokes[i].offset;
		apply(tree, &pokes[i]);
	}
	feed(tree, trace, done, size);
	if (!failed)
		(void) ocsd_dt_process_data(tree, OCSD_OP_EOT, size, 0, NULL, &used);
}

int main(int argc, char **argv)
{
	struct timespec begin, end;
	dcd_tree_handle_t tree;
	uint8_t *trace;
	size_t size = 0;
	int option;

	while ((option = getopt(argc, argv, "qp:")) != -1) {
		switch (option) {
		case 'q': quiet = 1; break;
		case 'p': read_pokes(optarg); break;
		default: return 2;
		}
	}
	argv += optind;
	argc -= optind;
	if (argc < 9) {
		fprintf(stderr, "usage: ocsdflow [-q] [-p POKES] etmv4|ete CONFIGR TRACEIDR IDR0 IDR1 IDR2 IDR8 DEVARCH TRACE TEXT@ADDRESS...\n");
		return 2;
	}
	trace = read_file(argv[8], &size);
	for (int i = 9; i < argc; i++)
		add_text(argv[i]);
	ocsd_def_errlog_init(OCSD_ERR_SEV_ERROR, 1);
	ocsd_def_errlog_config_output(C_API_MSGLOGOUT_FLG_STDERR, NULL);
	tree = ocsd_create_dcd_tree(OCSD_TRC_SRC_SINGLE, 0);
	if (strcmp(argv[0], "ete") == 0)
		create_ete(tree, argv);
	else
		create_etmv4(tree, argv);
	check("output", ocsd_dt_set_gen_elem_outfn(tree, take_element, NULL));
	for (size_t i = 0; i < region_count; i++)
		give_text(tree, &regions[i]);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	decode(tree, trace, size);
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (gap)
		arrive(UINT64_MAX);
	printf("# %" PRIu64 " %.6f\n", instructions,
	       (double) (end.tv_sec - begin.tv_sec) + (double) (end.tv_nsec - begin.tv_nsec) * 1e-9);
	ocsd_destroy_dcd_tree(tree);
	free(trace);
	return 0;
}

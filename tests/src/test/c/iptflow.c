/*
 * Decodes a raw Intel PT file with libipt's flow decoders.
 *
 *   iptflow [-b] [-f] [-q] [-r CBR] [-m MTCFREQ] [-x EBX/EAX] [-p POKES] TRACE TEXT@ADDRESS...
 *
 * TEXT is a file with the bytes at ADDRESS (hex). POKES has a line "TIME ADDRESS BYTES" (decimal, hex, hex) for each
 * text change, in time order; a poke is applied when libipt delivers the first event whose TSC is not before TIME. Text
 * outside every TEXT is absent until its first poke.
 *
 * -b  block decoder instead of the instruction decoder: prints "ADDRESS END COUNT" per block
 * -f  TEXT as files behind libipt's block cache instead of a memory callback (no pokes then): its fastest way
 * -q  prints no flow
 * -r, -m, -x  the processor's nominal ratio, the MTC period and the TSC to crystal clock ratio
 *
 * Tells the flow in the form of flow.h, with these lines: "! FROM TO" for an asynchronous branch; "~ overflow IP", "~
 * enabled IP" and "~ disabled IP" for gaps; "? OFFSET IP MESSAGE" for an error, behind which it goes on at the next
 * PSB. The last is "# INSTRUCTIONS SECONDS".
 */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <intel-pt.h>

#include "flow.h"

struct region {
	const char *name;
	uint64_t address;
	size_t size;
	uint8_t *bytes;
	uint8_t *present; /* for each byte whether it is there; NULL: all are */
};

struct poke {
	uint64_t time;
	uint64_t address;
	size_t size;
	uint8_t *bytes;
};

static struct region *regions;
static size_t region_count;
static struct poke *pokes;
static size_t poke_count;
static size_t pokes_done;
static int quiet;
static uint64_t instructions;

static void *grow(void *array, size_t count, size_t size)
{
	void *bigger = realloc(array, (count + 1) * size);

	if (!bigger) {
		perror("iptflow");
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

static struct region *find(uint64_t address)
{
	for (size_t i = 0; i < region_count; i++)
		if (address - regions[i].address < regions[i].size)
			return &regions[i];
	return NULL;
}

static struct region *add_region(const char *name, uint64_t address, size_t size, uint8_t *bytes, uint8_t *present)
{
	struct region region = {name, address, size, bytes, present};

	regions = grow(regions, region_count, sizeof region);
	regions[region_count] = region;
	return &regions[region_count++];
}

static void add_text(char *argument)
{
	char *at = strrchr(argument, '@');
	size_t size = 0;
	uint8_t *bytes;

	if (!at) {
		fprintf(stderr, "iptflow: %s is not TEXT@ADDRESS\n", argument);
		exit(2);
	}
	*at = 0;
	bytes = read_file(argument, &size);
	add_region(argument, strtoull(at + 1, NULL, 16), size, bytes, NULL);
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

		if (sscanf(line, "%" SCNu64 " %" SCNx64 " %n", &poke.time, &poke.address, &used) != 2) {
			fprintf(stderr, "iptflow: not a poke: %s\n", line);
			exit(2);
		}
		poke.bytes = malloc(strlen(line));
		poke.size = parse_hex(line + used, poke.bytes);
		pokes = grow(pokes, poke_count, sizeof poke);
		pokes[poke_count++] = poke;
	}
	free(text);
}

static void apply_pokes(uint64_t tsc)
{
	for (; pokes_done < poke_count && pokes[pokes_done].time <= tsc; pokes_done++) {
		struct poke *poke = &pokes[pokes_done];
		struct region *region = find(poke->address);

		if (region && poke->address + poke->size <= region->address + region->size) {
			size_t at = (size_t) (poke->address - region->address);

			memcpy(region->bytes + at, poke->bytes, poke->size);
			if (region->present)
				memset(region->present + at, 1, poke->size);
		}
	}
}

/* Room for pokes outside the text, invisible until they happen: one, since what is used again need not be as long. */
static void reserve_poked(void)
{
	uint64_t low = UINT64_MAX, high = 0;

	for (size_t i = 0; i < poke_count; i++) {
		uint64_t end = pokes[i].address + pokes[i].size;

		if (pokes[i].size == 0 || find(pokes[i].address))
			continue;
		if (pokes[i].address < low)
			low = pokes[i].address;
		if (end > high)
			high = end;
	}
	if (low < high)
		add_region("", low, (size_t) (high - low), calloc(1, (size_t) (high - low)),
			   calloc(1, (size_t) (high - low)));
}

static int read_memory(uint8_t *buffer, size_t size, const struct pt_asid *asid, uint64_t ip, void *context)
{
	struct region *region = find(ip);
	size_t at, rest;

	(void) asid;
	(void) context;
	if (!region)
		return -pte_nomap;
	at = (size_t) (ip - region->address);
	for (rest = 0; rest < size && at + rest < region->size; rest++)
		if (region->present && !region->present[at + rest])
			break;
	if (rest == 0)
		return -pte_nomap;
	memcpy(buffer, region->bytes + at, rest);
	return (int) rest;
}

static void print_event(const struct pt_event *event)
{
	switch (event->type) {
	case ptev_async_branch:
		printf("! %" PRIx64 " %" PRIx64 "\n", event->variant.async_branch.from, event->variant.async_branch.to);
		break;
	case ptev_overflow:
		printf("~ overflow %" PRIx64 "\n", event->variant.overflow.ip);
		break;
	case ptev_enabled:
		printf("~ enabled %" PRIx64 "\n", event->variant.enabled.ip);
		break;
	case ptev_async_disabled:
		printf("~ disabled %" PRIx64 "\n", event->variant.async_disabled.at);
		break;
	case ptev_disabled:
		printf("~ disabled %" PRIx64 "\n", event->variant.disabled.ip);
		break;
	default:
		break;
	}
}

static void take_event(const struct pt_event *event)
{
	if (event->has_tsc)
		apply_pokes(event->tsc);
	if (!quiet)
		print_event(event);
}

static void print_error(int status, uint64_t offset, uint64_t ip)
{
	if (status != -pte_eos)
		printf("? %" PRIx64 " %" PRIx64 " %s\n", offset, ip, pt_errstr(pt_errcode(status)));
}

static int insn_events(struct pt_insn_decoder *decoder, int status)
{
	while (status >= 0 && (status & pts_event_pending)) {
		struct pt_event event;

		status = pt_insn_event(decoder, &event, sizeof event);
		if (status >= 0)
			take_event(&event);
	}
	return status;
}

static void decode_instructions(struct pt_insn_decoder *decoder)
{
	int status;

	while ((status = pt_insn_sync_forward(decoder)) >= 0) {
		struct pt_insn insn;
		uint64_t offset = 0;

		while (status >= 0) {
			memset(&insn, 0, sizeof insn);
			status = insn_events(decoder, status);
			if (status < 0 || (status & pts_eos))
				break;
			status = pt_insn_next(decoder, &insn, sizeof insn);
			if (insn.size == 0)
				continue;
			instructions++;
			if (!quiet)
				put_instruction(insn.ip);
		}
		(void) pt_insn_get_offset(decoder, &offset);
		if (status < 0)
			print_error(status, offset, insn.ip);
	}
}

static int block_events(struct pt_block_decoder *decoder, int status)
{
	while (status >= 0 && (status & pts_event_pending)) {
		struct pt_event event;

		status = pt_blk_event(decoder, &event, sizeof event);
		if (status >= 0)
			take_event(&event);
	}
	return status;
}

static void decode_blocks(struct pt_block_decoder *decoder)
{
	int status;

	while ((status = pt_blk_sync_forward(decoder)) >= 0) {
		struct pt_block block;
		uint64_t offset = 0;

		while (status >= 0) {
			memset(&block, 0, sizeof block);
			status = block_events(decoder, status);
			if (status < 0 || (status & pts_eos))
				break;
			status = pt_blk_next(decoder, &block, sizeof block);
			if (block.ninsn == 0)
				continue;
			instructions += block.ninsn;
			if (!quiet)
				printf("%" PRIx64 " %" PRIx64 " %u\n", block.ip, block.end_ip, block.ninsn);
		}
		(void) pt_blk_get_offset(decoder, &offset);
		if (status < 0)
			print_error(status, offset, block.ip);
	}
}

static void give_text(struct pt_image *image, int from_files)
{
	struct pt_image_section_cache *cache = from_files ? pt_iscache_alloc("text") : NULL;

	if (!from_files) {
		(void) pt_image_set_callback(image, read_memory, NULL);
		return;
	}
	for (size_t i = 0; i < region_count; i++) {
		int id = pt_iscache_add_file(cache, regions[i].name, 0, regions[i].size, regions[i].address);

		if (id < 0 || pt_image_add_cached(image, cache, id, NULL) < 0) {
			fprintf(stderr, "iptflow: libipt does not take %s\n", regions[i].name);
			exit(2);
		}
	}
}

static void run(struct pt_config *config, int blocks, int from_files)
{
	if (blocks) {
		struct pt_block_decoder *decoder = pt_blk_alloc_decoder(config);

		give_text(pt_blk_get_image(decoder), from_files);
		decode_blocks(decoder);
		pt_blk_free_decoder(decoder);
	} else {
		struct pt_insn_decoder *decoder;

		config->flags.variant.insn.enable_tick_events = 1;
		decoder = pt_insn_alloc_decoder(config);
		give_text(pt_insn_get_image(decoder), from_files);
		decode_instructions(decoder);
		pt_insn_free_decoder(decoder);
	}
}

int main(int argc, char **argv)
{
	struct timespec begin, end;
	struct pt_config config;
	int blocks = 0, from_files = 0, option;
	size_t size = 0;

	pt_config_init(&config);
	while ((option = getopt(argc, argv, "bfqr:m:x:p:")) != -1) {
		switch (option) {
		case 'b':
			blocks = 1;
			break;
		case 'f':
			from_files = 1;
			break;
		case 'q':
			quiet = 1;
			break;
		case 'r':
			config.nom_freq = (uint8_t) atoi(optarg);
			break;
		case 'm':
			config.mtc_freq = (uint8_t) atoi(optarg);
			break;
		case 'x':
			if (sscanf(optarg, "%" SCNu32 "/%" SCNu32, &config.cpuid_0x15_ebx, &config.cpuid_0x15_eax) != 2)
				return 2;
			break;
		case 'p':
			read_pokes(optarg);
			break;
		default:
			return 2;
		}
	}
	if (optind >= argc) {
		fprintf(stderr, "usage: iptflow [-b] [-f] [-q] [-r CBR] [-m MTCFREQ] [-x EBX/EAX] [-p POKES] TRACE TEXT@ADDRESS...\n");
		return 2;
	}
	config.begin = read_file(argv[optind], &size);
	config.end = config.begin + size;
	while (++optind < argc)
		add_text(argv[optind]);
	reserve_poked();
	clock_gettime(CLOCK_MONOTONIC, &begin);
	run(&config, blocks, from_files);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("# %" PRIu64 " %.6f\n", instructions,
	       (double) (end.tv_sec - begin.tv_sec) + (double) (end.tv_nsec - begin.tv_nsec) * 1e-9);
	return 0;
}

/*
 * A filter for perf script (--dlfilter): tells the flow that perf decodes, in the form of flow.h, in place of perf's
 * own lines.
 *
 * Line "@ CPU": the instructions that follow are of that CPU. perf itself prints its decoding errors as lines to the
 * same stream, in their place.
 */
#define _POSIX_C_SOURCE 200809L

#include <perf/perf_dlfilter.h>

#include "flow.h"

static int32_t cpu = -1;

int filter_event_early(void *data, const struct perf_dlfilter_sample *sample, void *ctx)
{
	(void) data;
	(void) ctx;
	if (sample->cpu != cpu) {
		cpu = sample->cpu;
		printf("@ %" PRId32 "\n", cpu);
	}
	put_instruction(sample->ip);
	return 1;
}

const char *filter_description(const char **long_description)
{
	(void) long_description;
	return "tells the decoded flow in binary";
}

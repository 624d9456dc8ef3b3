/*
 * How the oracle programs tell a flow on their standard output: row by row, in trace order. The first byte of a row tells what it is.
 *
 *   0x00..0x0f       an instruction, so many bytes behind the one before it
 *   0x10, 8 bytes    an instruction at that address, little endian
 *   from 0x20 on     a line of text, up to and with its newline: everything that is no instruction
 *
 * A hundred million instructions so take seconds to tell, where lines of hex would take minutes.
 */
#include <inttypes.h>
#include <stdio.h>

#define ROW_NEAR 0x0f
#define ROW_ADDRESS 0x10

static uint64_t last_instruction;

static inline void put_instruction(uint64_t address)
{
	uint64_t distance = address - last_instruction;

	last_instruction = address;
	if (distance <= ROW_NEAR) {
		putc_unlocked((int) distance, stdout);
		return;
	}
	putc_unlocked(ROW_ADDRESS, stdout);
	for (int shift = 0; shift < 64; shift += 8)
		putc_unlocked((int) (address >> shift & 0xff), stdout);
}

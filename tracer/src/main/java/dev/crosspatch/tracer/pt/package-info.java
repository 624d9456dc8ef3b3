/// Intel Processor Trace: packets, the table that defines them, writer and reader.
///
/// Source throughout: Intel 64 and IA-32 Architectures Software Developer's Manual (SDM) volume 3C, chapter *Intel
/// Processor Trace*, section *Packet Definitions*; packet names are the manual's. Encodings are held against libipt in
/// the project's oracle tests.
@NullMarked
package dev.crosspatch.tracer.pt;

import org.jspecify.annotations.NullMarked;

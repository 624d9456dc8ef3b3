/// Arm ETMv4 instruction trace and ETE: packets, their one header table, writer, reader, text listing, and the
/// CoreSight frames that carry several sources in one buffer.
///
/// Source: Arm Architecture Reference Manual (DDI 0487), part D: D4 and D5 (ETE), K10.5 (a decompressor); for the
/// ETMv4 forms that ETE dropped, ETMv4 Architecture Specification (IHI 0064). Register fields: DDI 0487 D24.4.
@NullMarked
package dev.crosspatch.tracer.etm;

import org.jspecify.annotations.NullMarked;

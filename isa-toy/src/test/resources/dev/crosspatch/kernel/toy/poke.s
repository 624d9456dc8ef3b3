// Writes to text. Every address is its own translation, and RAM may be written: there is no alias to write through.

.text

// Tells the laboratory of a text event: at r0, r2 bytes at r1 were replaced by r4 bytes at r3. No old bytes: text
// appears; no new ones: it goes away. r5 = name of the site, zero-terminated. Changes r6.
FUNCTION report_text
    addi sp, sp, -EVENT_SIZE
    sd r0, [sp + EVENT_ADDRESS]
    sd r2, [sp + EVENT_OLD_LENGTH]
    sd r1, [sp + EVENT_OLD]
    sd r4, [sp + EVENT_NEW_LENGTH]
    sd r3, [sp + EVENT_NEW]
    sd r5, [sp + EVENT_SITE]
    li r6, 0
    sd r6, [sp + EVENT_MECHANISM]        // the kernel's
    LAB LAB_TEXT_EVENT, sp
    addi sp, sp, EVENT_SIZE
    ret
END report_text

// One aligned store of instruction r1 to the text at r0, then the maintenance that makes it visible to instruction
// fetches of all CPUs, and this CPU's own synchronization. Reads it back. Changes r2.
FUNCTION write_insn
    sd r1, [r0]
  .if FAULT_CLEAN == 0
    clean [r0]
  .endif
  .if FAULT_INVAL == 0
    inval [r0]
  .endif
    sync
    ld r2, [r0]
    bne r1, r2, 1f
    ret
1:  addi r1, r2, 0
    PANIC PANIC_READ_BACK_DIFFERS
END write_insn

// Stretches (library part stretches) in which a CPU answers late, or has nothing to do: every so many iterations it
// keeps interrupts off, or idles, for some ticks of the trace clock. On real machines it is these, not the stores, that
// a patch waits for.

.text

// Between two iterations.
FUNCTION stretch_point
  .if IRQS_OFF_LENGTH
    dec qword ptr gs:[CPU_IRQS_OFF_IN]
    jg 2f
    mov qword ptr gs:[CPU_IRQS_OFF_IN], IRQS_OFF_EVERY
    cli
    mov edi, IRQS_OFF_LENGTH
    call ticks_from_now
1:  pause
    call ticks_now
    cmp rax, rdi
    jb 1b
    sti
2:
  .endif
  .if IDLE_LENGTH
    dec qword ptr gs:[CPU_IDLE_IN]
    jg 4f
    mov qword ptr gs:[CPU_IDLE_IN], IDLE_EVERY
    mov edi, IDLE_LENGTH
    call ticks_from_now
3:  hlt                                  // until a tick, or a call
    call ticks_now
    cmp rax, rdi
    jb 3b
4:
  .endif
    ret
END stretch_point

// The trace clock in rax. Changes rdx.
FUNCTION ticks_now
    rdtsc
    shl rdx, 32
    or rax, rdx
    ret
END ticks_now

// The trace clock rdi ticks from now in rdi. Changes rax, rdx.
FUNCTION ticks_from_now
    call ticks_now
    add rdi, rax
    ret
END ticks_from_now

package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;

/// What systems need: privilege, registers of the processor, tables, caches, ports.
final class X86SystemRows {
  private X86SystemRows() {}

  static void add(X86Rows.Table t) {
    privilege(t);
    identification(t);
    registers(t);
    descriptors(t);
    caches(t);
    fences(t);
    ports(t);
  }

  // ---- privilege
  private static void privilege(X86Rows.Table t) {
    t.add(b -> X86EmitSystem.plain(b, X86Returns::syscall),
        "0F 05 | SYSCALL | SUPERVISOR_CALL SYSTEM_CALL | 2B SYSCALL");
    t.add(b -> X86EmitSystem.plain(b, X86Returns::sysret),
        "0F 07 | SYSRET | SUPERVISOR_RETURN TRAP_RETURN | 2B SYSRET");
    t.add(b -> X86EmitSystem.plain(b, X86Returns::iret),
        "CF | IRET | EXCEPTION_RETURN TRAP_RETURN | 2A IRET/IRETD/IRETQ");
    t.add(b -> X86EmitSystem.plain(b, (c, w, imm) -> Outcome.WAIT), "F4 | HLT | WAIT WAIT cpl0 | 2A HLT");
    t.add(b -> X86EmitSystem.plain(b, X86Helpers::swapgs), "0F 01 F8 | SWAPGS | BASE_SWAP cpl0 | 2B SWAPGS");
    t.add(b -> X86EmitSystem.produce(b, X86Helpers::readBase, X86Core.FS_BASE),
        "F3 0F AE /0 | RDFSBASE Ry | ALU | 2B RDFSBASE/RDGSBASE");
    t.add(b -> X86EmitSystem.produce(b, X86Helpers::readBase, X86Core.GS_BASE),
        "F3 0F AE /1 | RDGSBASE Ry | ALU | 2B RDFSBASE/RDGSBASE");
    t.add(b -> X86EmitSystem.consume(b, X86Helpers::writeBase, X86Core.FS_BASE),
        "F3 0F AE /2 | WRFSBASE Ry | CONTROL_WRITE | 2D WRFSBASE/WRGSBASE");
    t.add(b -> X86EmitSystem.consume(b, X86Helpers::writeBase, X86Core.GS_BASE),
        "F3 0F AE /3 | WRGSBASE Ry | CONTROL_WRITE | 2D WRFSBASE/WRGSBASE");
  }

  // ---- model-specific registers, time, identification
  private static void identification(X86Rows.Table t) {
    t.add(b -> X86EmitSystem.plain(b, X86Msr::wrmsr), "0F 30 | WRMSR | SYSTEM_WRITE cpl0 | 2D WRMSR");
    t.add(b -> X86EmitSystem.plain(b, X86Msr::rdmsr), "0F 32 | RDMSR | SYSTEM_READ cpl0 | 2B RDMSR");
    t.add(b -> X86EmitSystem.plain(b, (c, w, imm) -> X86Msr.rdtsc(c)), "0F 31 | RDTSC | COUNTER_READ | 2B RDTSC");
    t.add(b -> X86EmitSystem.plain(b, X86Msr::rdtscp), "0F 01 F9 | RDTSCP | COUNTER_READ | 2B RDTSCP");
    t.add(b -> X86EmitSystem.produce(b, X86Msr::rdpid, 0), "F3 0F C7 /7 | RDPID Rq | SYSTEM_READ | 2B RDPID");
    t.add(b -> X86EmitSystem.produce(b, X86Msr::random, 0), """
        NFx 0F C7 /6     | RDRAND Rv               | SYSTEM_READ                | 2B RDRAND
        NFx 0F C7 /7     | RDSEED Rv               | SYSTEM_READ                | 2B RDSEED
        """);
    t.add(b -> X86EmitSystem.plain(b, X86Cpuid::cpuid), "0F A2 | CPUID | IDENTIFY | 2A CPUID");
    t.add(b -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.serialize(c)),
        "NP 0F 01 E8 | SERIALIZE | SYNCHRONIZE | 2B SERIALIZE");
  }

  // ---- control and debug registers
  private static void registers(X86Rows.Table t) {
    t.add(X86EmitSystem::movSystem, """
        0F 20 /r         | MOV Rq,Cq               | CONTROL_READ cpl0 f64 anymod | 2B MOV, control registers
        0F 22 /r         | MOV Cq,Rq               | CONTROL_WRITE cpl0 f64 anymod | 2B MOV, control registers
        0F 22 /3         | MOV Cq,Rq               | CONTROL_WRITE CONTEXT_WRITE cpl0 f64 anymod | 2B MOV, control registers (CR3)
        0F 21 /r         | MOV Rq,Dq               | CONTROL_WRITE cpl0 f64 anymod | 2B MOV, debug registers
        0F 23 /r         | MOV Dq,Rq               | CONTROL_WRITE cpl0 f64 anymod | 2B MOV, debug registers
        """);
    t.add(b -> X86EmitSystem.plain(b, X86Control::clts), "0F 06 | CLTS | CONTROL_WRITE cpl0 | 2A CLTS");
    t.add(b -> X86EmitSystem.consume(b, X86Control::lmsw, 0), "0F 01 /6 | LMSW Ew | CONTROL_WRITE cpl0 | 2A LMSW");
    t.add(b -> X86EmitSystem.produce(b, X86Control::read, 0), """
        0F 01 /4         | SMSW Rv                 | ALU                        | 2B SMSW
        0F 01 /4         | SMSW Mw                 | STORE                      | 2B SMSW
        """);
  }

  // ---- descriptor tables
  private static void descriptors(X86Rows.Table t) {
    t.add(b -> X86EmitSystem.addressed(b, (c, w, imm) -> X86Segments.store(c, w, c.gdtBase, c.gdtLimit)),
        "0F 01 /0 | SGDT Ms | STORE | 2B SGDT");
    t.add(b -> X86EmitSystem.addressed(b, (c, w, imm) -> X86Segments.store(c, w, c.idtBase, c.idtLimit)),
        "0F 01 /1 | SIDT Ms | STORE | 2B SIDT");
    t.add(b -> X86EmitSystem.addressed(b, X86Segments::lgdt), "0F 01 /2 | LGDT Ms | CONTROL_WRITE cpl0 | 2A LGDT/LIDT");
    t.add(b -> X86EmitSystem.addressed(b, X86Segments::lidt), "0F 01 /3 | LIDT Ms | CONTROL_WRITE cpl0 | 2A LGDT/LIDT");
    t.add(b -> X86EmitSystem.produce(b, X86Segments::read, X86Core.LDTR), """
        0F 00 /0         | SLDT Rv                 | ALU                        | 2B SLDT
        0F 00 /0         | SLDT Mw                 | STORE                      | 2B SLDT
        """);
    t.add(b -> X86EmitSystem.produce(b, X86Segments::read, X86Core.TR), """
        0F 00 /1         | STR Rv                  | ALU                        | 2B STR
        0F 00 /1         | STR Mw                  | STORE                      | 2B STR
        """);
    t.add(b -> X86EmitSystem.consume(b, X86Segments::lldt, 0), "0F 00 /2 | LLDT Ew | CONTROL_WRITE cpl0 | 2A LLDT");
    t.add(b -> X86EmitSystem.consume(b, X86Segments::ltr, 0), "0F 00 /3 | LTR Ew | CONTROL_WRITE cpl0 | 2A LTR");
    t.add(b -> X86EmitSystem.query(b, X86SegmentQueries::lar), "0F 02 /r | LAR Gv,Ew | LOAD | 2A LAR");
    t.add(b -> X86EmitSystem.query(b, X86SegmentQueries::lsl), "0F 03 /r | LSL Gv,Ew | LOAD | 2A LSL");
    t.add(b -> X86EmitSystem.loadFar(b, X86Core.SS), "0F B2 /r | LSS Gv,Mp | LOAD | 2A LDS/LES/LFS/LGS/LSS");
    t.add(b -> X86EmitSystem.loadFar(b, X86Core.FS), "0F B4 /r | LFS Gv,Mp | LOAD | 2A LDS/LES/LFS/LGS/LSS");
    t.add(b -> X86EmitSystem.loadFar(b, X86Core.GS), "0F B5 /r | LGS Gv,Mp | LOAD | 2A LDS/LES/LFS/LGS/LSS");
    t.add(b -> X86EmitSystem.consume(b, (c, w, imm) -> X86SegmentQueries.verify(c, w, imm != 0), 0),
        "0F 00 /4 | VERR Ew | LOAD | 2C VERR/VERW");
    t.add(b -> X86EmitSystem.consume(b, (c, w, imm) -> X86SegmentQueries.verify(c, w, imm != 0), 1),
        "0F 00 /5 | VERW Ew | LOAD | 2C VERR/VERW");
  }

  // ---- translation and caches
  private static void caches(X86Rows.Table t) {
    t.add(b -> X86EmitSystem.addressed(b, X86Mmu::invlpg), "0F 01 /7 | INVLPG M | TLB_INVALIDATE cpl0 | 2A INVLPG");
    t.add(b -> X86EmitSystem.addressed(b, X86Mmu::invpcid),
        "66 0F 38 82 /r | INVPCID Gq,Mdq | TLB_INVALIDATE cpl0 | 2A INVPCID");
    t.add(b -> X86EmitSystem.plain(b, X86Helpers::writeBackAll), "0F 08 | INVD | CONTROL_WRITE cpl0 | 2A INVD");
    t.add(b -> X86EmitSystem.plain(b, X86Helpers::writeBackAll), "0F 09 | WBINVD | CONTROL_WRITE cpl0 | 2D WBINVD");
    t.add(b -> X86EmitSystem.addressed(b, (c, w, imm) -> X86Helpers.writeBackLine(c, w, true)),
        "NP 0F AE /7 | CLFLUSH Mb | LOAD | 2A CLFLUSH");
    t.add(b -> X86EmitSystem.addressed(b, (c, w, imm) -> X86Helpers.writeBackLine(c, w, true)),
        "66 0F AE /7 | CLFLUSHOPT Mb | LOAD | 2A CLFLUSHOPT");
    t.add(b -> X86EmitSystem.addressed(b, (c, w, imm) -> X86Helpers.writeBackLine(c, w, false)),
        "66 0F AE /6 | CLWB Mb | LOAD | 2A CLWB");
  }

  // ---- fences
  private static void fences(X86Rows.Table t) {
    t.add(b -> X86EmitSystem.plain(b, X86Helpers::loadFence), "NP 0F AE /5 | LFENCE | EXECUTION_FENCE reg | 2A LFENCE");
    t.add(b -> X86EmitSystem.plain(b, X86Helpers::memoryFence), "NP 0F AE /6 | MFENCE | MEMORY_FENCE reg | 2B MFENCE");
    t.add(X86EmitFlow::nop, "NP 0F AE /7 | SFENCE | EXECUTION_FENCE reg | 2B SFENCE");
  }

  // ---- ports
  private static void ports(X86Rows.Table t) {
    t.add(b -> X86EmitSystem.port(b, X86Ports::in, 1), """
        E4 ib            | IN AL,Ib                | PORT                       | 2A IN
        E5 ib            | IN eAX,Ib               | PORT                       | 2A IN
        EC               | IN AL,DX                | PORT                       | 2A IN
        ED               | IN eAX,DX               | PORT                       | 2A IN
        """);
    t.add(b -> X86EmitSystem.port(b, X86Ports::out, 0), """
        E6 ib            | OUT Ib,AL               | PORT                       | 2B OUT
        E7 ib            | OUT Ib,eAX              | PORT                       | 2B OUT
        EE               | OUT DX,AL               | PORT                       | 2B OUT
        EF               | OUT DX,eAX              | PORT                       | 2B OUT
        """);
  }
}

package dev.crosspatch.isa.x86;

/// Instructions that are not emulated: they raise #UD, but their length is known to a flow decoder.
final class X86ForeignRows {
  private X86ForeignRows() {}

  static void add(X86Rows.Table t) {
    lengths(t);
    apx(t);
  }

  // ---- not emulated: these raise #UD, but their length is known to a flow decoder
  private static void lengths(X86Rows.Table t) {
    t.add(X86Builder::undefined, """
        C6 F8 ib         | * XABORT                | TRAP                       | 2D appendix A
        C7 F8 iz         | * XBEGIN                | TRAP                       | 2D appendix A
        D8-DF /r         | * x87                   | TRAP                       | 2D appendix A
        6C-6F            | * INS, OUTS             | TRAP                       | 2D appendix A
        0F 01 /r         | * group 7               | TRAP                       | 2D appendix A
        0F 01 C1         | * VMCALL                | TRAP SYSTEM_CALL           | 3C VMCALL
        0F 01 C2         | * VMLAUNCH              | TRAP TRAP_RETURN           | 3C VMLAUNCH/VMRESUME
        0F 01 C3         | * VMRESUME              | TRAP TRAP_RETURN           | 3C VMLAUNCH/VMRESUME
        0F 01 D8         | * VMRUN                 | TRAP TRAP_RETURN           | APM 3 VMRUN
        NP 0F 01 D9      | * VMMCALL               | TRAP SYSTEM_CALL           | APM 3 VMMCALL
        F2 0F 01 CA      | * ERETS                 | TRAP TRAP_RETURN           | 2A ERETS
        F3 0F 01 CA      | * ERETU                 | TRAP TRAP_RETURN           | 2A ERETU
        F3 0F 01 EC      | * UIRET                 | TRAP TRAP_RETURN           | 2B UIRET
        F3 0F 01 ED      | * TESTUI                | TRAP                       | 2B TESTUI
        F3 0F 01 EE      | * CLUI                  | TRAP                       | 2A CLUI
        F3 0F 01 EF      | * STUI                  | TRAP                       | 2B STUI
        F2 0F 00 /6      | * LKGS                  | TRAP                       | 2A LKGS
        0F 0E            | * FEMMS                 | TRAP                       | APM 3 FEMMS
        0F 0F /r ib      | * 3DNow!                | TRAP                       | 2D appendix A
        0F 10-17 /r      | * SSE moves             | TRAP                       | 2D appendix A
        0F 28-2F /r      | * SSE converts          | TRAP                       | 2D appendix A
        0F 33            | * RDPMC                 | TRAP                       | 2D appendix A
        0F 34            | * SYSENTER              | TRAP SYSTEM_CALL           | 2B SYSENTER
        0F 35            | * SYSEXIT               | TRAP TRAP_RETURN           | 2B SYSEXIT
        0F 37            | * GETSEC                | TRAP                       | 2D appendix A
        0F 50-6F /r      | * SSE, MMX              | TRAP                       | 2D appendix A
        0F 70-73 /r ib   | * SSE shifts by immediate| TRAP                       | 2D appendix A
        0F 74-76 /r      | * PCMPEQ                | TRAP                       | 2D appendix A
        0F 77            | * EMMS                  | TRAP                       | 2D appendix A
        0F 78-79 /r      | * VMREAD, VMWRITE       | TRAP                       | 2D appendix A
        66 0F 78 /r ib ib| * EXTRQ                 | TRAP reg                   | APM 4 EXTRQ
        F2 0F 78 /r ib ib| * INSERTQ               | TRAP reg                   | APM 4 INSERTQ
        66 0F 79 /r      | * EXTRQ                 | TRAP reg                   | APM 4 EXTRQ
        F2 0F 79 /r      | * INSERTQ               | TRAP reg                   | APM 4 INSERTQ
        0F 7C-7F /r      | * SSE                   | TRAP                       | 2D appendix A
        0F AA            | * RSM                   | TRAP TRAP_RETURN           | 2D appendix A
        0F AE /r         | * group 15              | TRAP                       | 2D appendix A
        0F C2 /r ib      | * CMPPS                 | TRAP                       | 2D appendix A
        0F C4-C6 /r ib   | * PINSRW, PEXTRW, SHUFPS| TRAP                       | 2D appendix A
        0F C7 /r         | * group 9               | TRAP                       | 2D appendix A
        0F D0-FE /r      | * SSE, MMX              | TRAP                       | 2D appendix A
        0F 38 00-FF /r   | * SSSE3 and later       | TRAP                       | 2D appendix A
        0F 3A 00-FF /r ib| * SSSE3 and later       | TRAP                       | 2D appendix A
        VEX.0F 10-17 /r  | * AVX                   | TRAP                       | 2D appendix A
        VEX.0F 28-2F /r  | * AVX                   | TRAP                       | 2D appendix A
        VEX.0F 41-4B /r  | * mask registers        | TRAP                       | 2D appendix A
        VEX.0F 50-6F /r  | * AVX                   | TRAP                       | 2D appendix A
        VEX.0F 70-73 /r ib| * AVX shifts by immediate| TRAP                       | 2D appendix A
        VEX.0F 74-76 /r  | * AVX                   | TRAP                       | 2D appendix A
        VEX.0F 77        | * VZEROUPPER            | TRAP                       | 2D appendix A
        VEX.0F 7C-7F /r  | * AVX                   | TRAP                       | 2D appendix A
        VEX.0F 90-99 /r  | * mask registers        | TRAP                       | 2D appendix A
        VEX.0F AE /r     | * VLDMXCSR, VSTMXCSR    | TRAP                       | 2D appendix A
        VEX.0F C2 /r ib  | * VCMPPS                | TRAP                       | 2D appendix A
        VEX.0F C4-C6 /r ib| * VPINSRW, VSHUFPS      | TRAP                       | 2D appendix A
        VEX.0F D0-FE /r  | * AVX                   | TRAP                       | 2D appendix A
        VEX.0F38 00-FF /r| * AVX                   | TRAP                       | 2D appendix A
        VEX.0F3A 00-FF /r ib| * AVX                   | TRAP                       | 2D appendix A
        EVEX.0F 10-17 /r | * AVX                   | TRAP                       | 2D appendix A
        EVEX.0F 28-2F /r | * AVX                   | TRAP                       | 2D appendix A
        EVEX.0F 50-6F /r | * AVX                   | TRAP                       | 2D appendix A
        EVEX.0F 70-73 /r ib| * AVX shifts by immediate| TRAP                       | 2D appendix A
        EVEX.0F 74-76 /r | * AVX                   | TRAP                       | 2D appendix A
        EVEX.0F 78-7F /r | * AVX                   | TRAP                       | 2D appendix A
        EVEX.0F 90-93 /r | * mask registers        | TRAP                       | APX 3.1.4
        EVEX.0F C2 /r ib | * VCMPPS                | TRAP                       | 2D appendix A
        EVEX.0F C4-C6 /r ib| * VPINSRW, VSHUFPS      | TRAP                       | 2D appendix A
        EVEX.0F D0-FE /r | * AVX                   | TRAP                       | 2D appendix A
        EVEX.0F38 00-FF /r| * AVX                   | TRAP                       | 2D appendix A
        EVEX.0F3A 00-FF /r ib| * AVX                   | TRAP                       | 2D appendix A
        EVEX.M5 10-FF /r | * AVX512-FP16           | TRAP                       | 2D appendix A
        EVEX.M6 10-FF /r | * AVX512-FP16           | TRAP                       | 2D appendix A
        VEX.M5 F8-FF /r  | * AMX                   | TRAP                       | 2D appendix A
        VEX.M7 F6 /r id  | * RDMSR, WRMSRNS        | TRAP                       | 2B RDMSR
        VEX.M7 F8 /r id  | * URDMSR, UWRMSR        | TRAP                       | 2D URDMSR
        EVEX.M7 F6 /r id | * RDMSR, WRMSRNS        | TRAP                       | APX 3.1.4
        EVEX.M7 F8 /r id | * URDMSR, UWRMSR        | TRAP                       | APX 3.1.4
        """);
  }

  // ---- APX, map 4: the immediates of maps 1, 2 and 3 of the same instructions
  private static void apx(X86Rows.Table t) {
    t.add(X86Builder::undefined, """
        EVEX.M4 00-23 /r | * APX                   | TRAP                       | APX 3.1.4
        EVEX.M4 24 /r ib | * SHLD                  | TRAP                       | APX 3.1.4
        EVEX.M4 28-2B /r | * APX                   | TRAP                       | APX 3.1.4
        EVEX.M4 2C /r ib | * SHRD                  | TRAP                       | APX 3.1.4
        EVEX.M4 30-66 /r | * APX                   | TRAP                       | APX 3.1.4
        EVEX.M4 69 /r iz | * IMUL                  | TRAP                       | APX 3.1.4
        EVEX.M4 6B /r ib | * IMUL                  | TRAP                       | APX 3.1.4
        EVEX.M4 80 /r ib | * APX                   | TRAP                       | APX 3.1.4
        EVEX.M4 81 /r iz | * APX                   | TRAP                       | APX 3.1.4
        EVEX.M4 83 /r ib | * APX                   | TRAP                       | APX 3.1.4
        EVEX.M4 84-AF /r | * APX                   | TRAP                       | APX 3.1.4
        EVEX.M4 C0-C1 /r ib| * APX                 | TRAP                       | APX 3.1.4
        EVEX.M4 D0-D3 /r | * APX                   | TRAP                       | APX 3.1.4
        EVEX.M4 D4 /r ib | * SHA1RNDS4             | TRAP                       | APX 3.1.4
        EVEX.M4 D8-F5 /r | * APX                   | TRAP                       | APX 3.1.4
        EVEX.M4 F6 /r    | * APX                   | TRAP                       | APX 3.1.4
        EVEX.M4 F6 /0 ib | * CTEST                 | TRAP                       | APX 3.1.4
        EVEX.M4 F6 /1 ib | * CTEST                 | TRAP                       | APX 3.1.4
        EVEX.M4 F7 /r    | * APX                   | TRAP                       | APX 3.1.4
        EVEX.M4 F7 /0 iz | * CTEST                 | TRAP                       | APX 3.1.4
        EVEX.M4 F7 /1 iz | * CTEST                 | TRAP                       | APX 3.1.4
        EVEX.M4 F8-FF /r | * APX                   | TRAP                       | APX 3.1.4
        XOP.M8 80-FF /r ib| * XOP                  | TRAP                       | APM 6
        XOP.M9 00-FF /r  | * XOP                   | TRAP                       | APM 6
        XOP.MA 10-12 /r id| * BEXTR, LWPINS, LWPVAL| TRAP                       | APM 3 BEXTR
        """);
  }
}

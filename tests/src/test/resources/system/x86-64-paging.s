// Paging and the TLB. Sections are those of the SDM's volume 3, edition 081.

//# load, nothing there: 4.7: P, W/R, U/S, I/D are clear
//= 0xe 0x0 bad 0x10 0x2 STACK 0x18 0x40000008
  catch behind
bad:
  mov rax, [PAGES + 8]
behind:
  done

//# store, nothing there: 4.7: W/R
//= 0xe 0x2 bad 0x10 0x2 STACK 0x18 0x40000ff8
  catch behind
bad:
  mov [PAGES + 0xff8], rax
behind:
  done

//# nothing at any level: 4.7; CR2 is the address
//= 0xe 0x0 bad 0x10 0x2 STACK 0x18 0x40200000 0xe 0x0 bad2 0x10 0x2 STACK 0x18 0x80000000 0xe 0x0 bad3 0x10 0x2 STACK
//+ 0x18 0x8000000000
  mov ebx, PAGES + 0x200000
  catch second
bad:
  mov rax, [rbx]
second:
  mov ebx, 0x80000000
  catch third
bad2:
  mov rax, [rbx]
third:
  movabs rbx, 0x8000000000
  catch behind
bad3:
  mov rax, [rbx]
behind:
  done

//# load and store at CPL 3, nothing there: 4.7: U/S
//= 0xe 0x4 bad+AS_USER 0x33 0x2 0x40012000 0x2b 0x40000000 0xe 0x6 bad2+AS_USER 0x33 0x2 0x40012000 0x2b 0x40000010
  catch second
  user bad
bad:
  mov rax, [PAGES]
second:
  catch behind
  user_again bad2
bad2:
  mov [PAGES + 16], rax
behind:
  done

//# kernel's page at CPL 3: 4.6.1, 4.7: P and U/S
//= 0xe 0x5 bad+AS_USER 0x33 0x2 0x40012000 0x2b 0x40000000 0xe 0x7 bad2+AS_USER 0x33 0x2 0x40012000 0x2b 0x40000010
  page 0, PRESENT + WRITABLE
  catch second
  user bad
bad:
  mov rax, [PAGES]
second:
  catch behind
  user_again bad2
bad2:
  mov [PAGES + 16], rax
behind:
  done

//# read-only page at CPL 3: 4.6.1, 4.7
//= 0xe 0x7 bad+AS_USER 0x33 0x2 0x40012000 0x2b 0x40000010
  page 0, PRESENT + USER
  catch behind
  user code
code:
  mov rax, [PAGES]
bad:
  mov [PAGES + 16], rax
behind:
  done

//# read-only page at CPL 0, CR0.WP: 4.6.1: WP 1 forbids, WP 0 does not
//= 0xe 0x3 bad 0x10 0x2 STACK 0x18 0x40000010 0x77 0x61+RAM
  page 0, PRESENT
  mov ecx, 0x77
  catch second
bad:
  mov [PAGES + 16], rcx
second:
  mov rax, cr0
  and eax, 0xfffeffff
  mov cr0, rax
  mov [PAGES + 16], rcx
  mov rax, [PAGES + 16]
  report rax
  peek rax, LEVEL_1
  report rax
  done

//# execute disable: 4.6.1, 4.7: I/D
//= 0xe 0x11 0x40000000 0x10 0x2 STACK 0x18 0x40000000 0xe 0x15 0x40001000 0x33 0x2 0x40012000 0x2b 0x40001000
  page 0, PRESENT + WRITABLE + NO_EXECUTE
  page 1, PRESENT + USER + NO_EXECUTE
  mov eax, PAGES
  catch second
  jmp rax
second:
  catch behind
  user PAGES+0x1000-AS_USER
behind:
  done

//# fetch, nothing there: 4.7: I/D with NXE
//= 0xe 0x10 0x40000000 0x10 0x2 STACK 0x18 0x40000000 0xe 0x14 0x40001000 0x33 0x2 0x40012000 0x2b 0x40001000
  mov eax, PAGES
  catch second
  jmp rax
second:
  catch behind
  user PAGES+0x1000-AS_USER
behind:
  done

//# EFER.NXE 0: 4.7: I/D is clear without NXE and SMEP; 4.5: bit 63 is reserved
//= 0xe 0x0 0x40000000 0x10 0x2 STACK 0x18 0x40000000 0xe 0x9 bad 0x10 0x2 STACK 0x18 0x40001000
//~ 0xe 0x0 0x40000000 0x10 0x2 STACK 0x18 0x40000000 0xe 0x8 bad 0x10 0x2 STACK 0x18 0x40001000; QEMU leaves P clear
//+ where RSVD is set, which 4.7 excludes
  page 1, PRESENT + NO_EXECUTE
  mov ecx, 0xc0000080
  mov eax, 0x501
  mov edx, 0
  wrmsr
  mov eax, PAGES
  catch second
  jmp rax
second:
  catch behind
bad:
  mov rax, [PAGES + 0x1000]
behind:
  done

//# reserved bits: 4.5, table 4-20; 4.7: RSVD, with P
//= 0xe 0x9 bad 0x10 0x2 STACK 0x18 0x40000000 0xe 0xf bad2+AS_USER 0x33 0x2 0x40012000 0x2b 0x40000000 0xe 0x9 bad3
//+ 0x10 0x2 STACK 0x18 0x80000000
//~ 0xe 0x8 bad 0x10 0x2 STACK 0x18 0x40000000 0xe 0xe bad2+AS_USER 0x33 0x2 0x40012000 0x2b 0x40000000 0xe 0x8 bad3
//+ 0x10 0x2 STACK 0x18 0x80000000; QEMU leaves P clear where RSVD is set, which 4.7 excludes
  entry LEVEL_1, RAM + PRESENT + WRITABLE + USER + (1 << 51)
  catch second
bad:
  mov rax, [PAGES]
second:
  catch third
  user bad2
bad2:
  mov [PAGES], rax
third:
  entry LEVEL_3 + 16, PRESENT + 0x80 + (1 << 13)
  mov ebx, 0x80000000
  catch behind
bad3:
  mov rax, [rbx]
behind:
  done

//# reserved bit of a PML4 entry: 4.5, table 4-15: PS is reserved
//= 0xe 0x9 bad 0x10 0x2 STACK 0x18 0x8000000000
//~ 0xe 0x8 bad 0x10 0x2 STACK 0x18 0x8000000000; QEMU leaves P clear where RSVD is set, which 4.7 excludes
  entry TABLES + 8, TABLES + 0x1000 + PRESENT + 0x80
  movabs rbx, 0x8000000000
  catch behind
bad:
  mov rax, [rbx]
behind:
  done

//# upper levels restrict: 4.6.1: R/W, U/S and XD of every level
//= 0xe 0x3 bad 0x10 0x2 STACK 0x18 0x40200000 0xe 0x5 bad2+AS_USER 0x33 0x2 0x40012000 0x2b 0x40200000 0xe 0x11
//+ 0x40200000 0x10 0x2 STACK 0x18 0x40200000
  entry TABLES + 0x5000, RAM + PRESENT + WRITABLE + USER
  entry LEVEL_2 + 8, TABLES + 0x5000 + PRESENT + USER
  mov ebx, PAGES + 0x200000
  mov rax, [rbx]
  catch second
bad:
  mov [rbx], rax
second:
  entry LEVEL_2 + 8, TABLES + 0x5000 + PRESENT + WRITABLE
  invlpg [rbx]
  catch third
  user bad2
bad2:
  mov rax, [rbx]
third:
  entry LEVEL_2 + 8, TABLES + 0x5000 + PRESENT + WRITABLE + USER + NO_EXECUTE
  invlpg [rbx]
  catch behind
  jmp rbx
behind:
  done

//# SMEP: 4.6.1: the kernel does not fetch from pages of the user; 4.7
//= 0xe 0x11 0x40000000 0x10 0x2 STACK 0x18 0x40000000
  page 0, PRESENT + USER
  control 0, 1 << 20
  mov eax, PAGES
  catch behind
  jmp rax
behind:
  done

//# SMAP: 4.6.1: the kernel reads and writes pages of the user with RFLAGS.AC alone
//= 0x77 0xe 0x1 bad 0x10 0x2 STACK 0x18 0x40000000 0xe 0x3 bad2 0x10 0x2 STACK 0x18 0x40000008 0x77 0xe 0x1 bad3 0x10
//+ 0x2 STACK 0x18 0x40000000
  page 0, PRESENT + USER + WRITABLE
  fill 0, 0x77
  mov rax, [PAGES]
  report rax
  control 0, 1 << 21
  catch second
bad:
  mov rax, [PAGES]
second:
  catch third
bad2:
  mov [PAGES + 8], rax
third:
  .byte 0x0f, 0x01, 0xcb        // stac
  mov rax, [PAGES]
  report rax
  .byte 0x0f, 0x01, 0xca        // clac
  catch behind
bad3:
  mov rax, [PAGES]
behind:
  done

//# SMAP and implicit accesses: 4.6.1: those to descriptors fault whatever AC is
//= 0xe 0x1 bad 0x10 0x40002 STACK 0x18 0x40000000
//~ 0xd 0x4 bad 0x10 0x40002 STACK 0x18; QEMU lets AC lift SMAP for them, too
  page 0, PRESENT + USER + WRITABLE
  movabs r10, GDT + 0x38
  movabs r11, 0x4000820000000fff
  mov [r10], r11                // an LDT in a page of the user
  mov eax, 0x38
  movabs r10, GDT + 0x40
  mov qword ptr [r10], 0
  lldt ax
  control 0, 1 << 21
  push 0x40002
  popfq
  mov rax, [PAGES]
  mov eax, 4
  catch behind
bad:
  mov ds, eax
behind:
  done

//# accessed and dirty: 4.8: a load sets A at every level, a store D of the page, too
//= 0x27+RAM 0x27+TABLES+0x3000 0x27+TABLES+0x2000 0x67+RAM 0x27+TABLES+0x3000
  page 0, PRESENT + WRITABLE + USER
  mov rax, [PAGES]
  peek rax, LEVEL_1
  report rax
  peek rax, LEVEL_2
  report rax
  peek rax, LEVEL_3 + 8
  report rax
  mov [PAGES], rax
  peek rax, LEVEL_1
  report rax
  peek rax, LEVEL_2
  report rax
  done

//# dirty behind a load: 4.8: D is set although the translation was there
//= 0x61+0x2+RAM
  page 0, PRESENT + WRITABLE
  mov rax, [PAGES]
  mov [PAGES], rax
  peek rax, LEVEL_1
  report rax
  done

//# 2 MiB: 4.5, table 4-18; A and D are in the page-directory entry
//= 0x77 0x10000e3+0x200000
  fill 0, 0x77
  entry LEVEL_2 + 8, 0x1200000 + 0x83
  movabs rbx, PAGES + 0x200000 + RAM - 0x1200000
  mov rax, [rbx]
  report rax
  mov [rbx], rax
  peek rax, LEVEL_2 + 8
  report rax
  done

//# 1 GiB: 4.5, table 4-16; A and D are in the PDPT entry
//= 0x77 0xa3 0xe3
  fill 0, 0x77
  entry LEVEL_3 + 16, 0x83
  movabs rbx, 0x80000000 + RAM
  mov rax, [rbx]
  report rax
  peek rcx, LEVEL_3 + 16
  report rcx
  mov [rbx], rax
  peek rcx, LEVEL_3 + 16
  report rcx
  done

//# access over two pages: 4.7: CR2 is in the page that is not there; nothing is stored
//= 0xe 0x2 bad 0x10 0x2 STACK 0x18 0x40001000 0x11
  page 0, PRESENT + WRITABLE
  movabs rbx, PAGES + 0xffc
  mov dword ptr [rbx], 0x11
  mov rax, -1
  catch behind
bad:
  mov [rbx], rax
behind:
  mov eax, [rbx]
  report rax
  done

//# a page becomes present: 4.10.2.3: what is not present is in no TLB
//= 0xe 0x0 bad 0x10 0x2 STACK 0x18 0x40000000 0x77
  fill 0, 0x77
  catch behind
bad:
  mov rax, [PAGES]
behind:
  page 0, PRESENT
  mov rax, [PAGES]
  report rax
  done

//# invlpg: 4.10.4.1: the translation is gone
//= 0x11 0x22
  page 0, PRESENT + WRITABLE
  fill 0, 0x11
  fill 1, 0x22
  mov rax, [PAGES]
  report rax
  entry LEVEL_1, RAM + 0x1000 + PRESENT + WRITABLE
  invlpg [PAGES + 0x123]
  mov rax, [PAGES]
  report rax
  done

//# invlpg of a global page: 4.10.4.1: global or not
//= 0x11 0x22
  page 0, PRESENT + WRITABLE + 0x100
  fill 0, 0x11
  fill 1, 0x22
  mov rax, [PAGES]
  report rax
  entry LEVEL_1, RAM + 0x1000 + PRESENT + WRITABLE + 0x100
  invlpg [PAGES]
  mov rax, [PAGES]
  report rax
  done

//# a page is exchanged without invlpg: 4.10.2.2, 4.10.4.3: the old translation may be used
//= 0x11 0x11 0x22
//= 0x11 0x22 0x22
  page 0, PRESENT + WRITABLE
  fill 0, 0x11
  fill 1, 0x22
  mov rax, [PAGES]
  report rax
  entry LEVEL_1, RAM + 0x1000 + PRESENT + WRITABLE
  mov rax, [PAGES]
  report rax
  mov rax, cr3
  mov cr3, rax
  mov rax, [PAGES]
  report rax
  done

//# mov to cr3: 4.10.4.1: what is not global is gone
//= 0x11 0x22
  page 0, PRESENT + WRITABLE
  fill 0, 0x11
  fill 1, 0x22
  mov rax, [PAGES]
  report rax
  entry LEVEL_1, RAM + 0x1000 + PRESENT + WRITABLE
  mov rax, cr3
  mov cr3, rax
  mov rax, [PAGES]
  report rax
  done

//# mov to cr3 and global pages: 4.10.4.1: they may stay, until CR4.PGE changes
//= 0x11 0x11 0x22
//= 0x11 0x22 0x22
  page 0, PRESENT + WRITABLE + 0x100
  fill 0, 0x11
  fill 1, 0x22
  mov rax, [PAGES]
  report rax
  entry LEVEL_1, RAM + 0x1000 + PRESENT + WRITABLE + 0x100
  mov rax, cr3
  mov cr3, rax
  mov rax, [PAGES]
  report rax
  control 0x80, 0
  mov rax, [PAGES]
  report rax
  done

//# invlpg of 2 MiB: 4.10.4.1: all of the page, by any address in it
//= 0x11 0xe 0x0 bad 0x10 0x2 STACK 0x18 0x40280000
  fill 0, 0x11
  entry LEVEL_2 + 8, 0x1200000 + 0x83
  movabs rbx, PAGES + 0x200000 + RAM - 0x1200000
  mov rax, [rbx]
  report rax
  entry LEVEL_2 + 8, 0
  movabs rax, PAGES + 0x3ff000
  invlpg [rax]
  catch behind
bad:
  mov rax, [rbx]
behind:
  done

//# rights are raised without invlpg: 4.10.4.3: a fault may come nevertheless, and takes the translation away; 4.10.4.1
//= 0x77
//= 0xe 0x3 bad 0x10 0x2 STACK 0x18 0x40000000 0x77
  page 0, PRESENT
  mov rax, [PAGES]
  entry LEVEL_1, RAM + PRESENT + WRITABLE
  mov eax, 0x77
  catch again
bad:
  mov [PAGES], rax
again:
  mov [PAGES], rax
  mov rax, [PAGES]
  report rax
  done

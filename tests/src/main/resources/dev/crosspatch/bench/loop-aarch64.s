.text
start:
  adrp x1, array
  add x1, x1, :lo12:array
  mov x2, #0
  movz x3, #0x1234
1:
  ldr x4, [x1, x2, lsl #3]
  add x3, x3, x4
  eor x3, x3, x2
  ror x3, x3, #7
  tst x3, #3
  b.eq 2f
  add x5, x3, x3, lsl #1
  str x5, [x1, x2, lsl #3]
2:
  add x2, x2, #1
  and x2, x2, #1023
  cmn x2, #1
  b.ne 1b
.data
array:
  .zero 8192

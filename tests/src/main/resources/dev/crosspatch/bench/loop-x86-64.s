.text
start:
  lea rsi, [rip + array]
  xor ecx, ecx
  mov rbx, 0x1234567
1:
  mov rax, [rsi + rcx*8]
  add rbx, rax
  xor rbx, rcx
  ror rbx, 7
  test ebx, 3
  je 2f
  lea rdx, [rbx + rbx*2]
  mov [rsi + rcx*8], rdx
2:
  inc rcx
  and ecx, 1023
  cmp rcx, -1
  jne 1b
.data
array:
  .zero 8192

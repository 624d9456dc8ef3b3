/// What is around a machine's cores and RAM: boards, devices, boot.
@NullMarked
package dev.crosspatch.platform;

import org.jspecify.annotations.NullMarked;

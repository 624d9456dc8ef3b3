/// From trace elements and the text timeline to the executed flow, shared by every trace protocol.
@NullMarked
package dev.crosspatch.tracer.flow;

import org.jspecify.annotations.NullMarked;

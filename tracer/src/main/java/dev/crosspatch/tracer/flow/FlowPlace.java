package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.Mode;

/// All that decides how a walk within one chunk goes on from a fork; two walks at equal places go on alike, but for how
/// far they still may without an element ([FlowAim#MOST_AHEAD]).
///
/// @param address  where the walk is
/// @param mode     how the text is read
/// @param floor    number of the last poke known to be in force
/// @param cursor   index of the next element
/// @param bitCount bits left
/// @param low      earliest time
/// @param contexts changes of the address space told, less the writes passed
/// @param goal     address walked to, if any
/// @param later    what is the goal afterwards, if anything
/// @param stack    return addresses
record FlowPlace(long address, Mode mode, int floor, int cursor, int bitCount, long low, int contexts, long goal,
    long later, ReturnStack.Copy stack) {
}

package dev.crosspatch.sim.run;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Follower;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.sim.guest.SpanLog;
import dev.crosspatch.sim.scenario.Injection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// Lets interrupts come in between two instructions, as an [Injection] has it. It follows every core of the machine, so
/// each runs one instruction at a time and the order of their instructions is that of their clocks; what the patching
/// cores have retired tells where the stretch begins and ends. Same scenario, same interrupts: nothing is drawn.
///
/// Instructions of a stretch are counted on each CPU from its beginning, those of the handlers of the interrupts that
/// were injected left out.
public final class Injector implements Follower {
  private final transient Injection what;
  private final transient List<SpanLog> spans;
  private final transient List<Core> patchers;
  private final List<Victim> victims = new ArrayList<>();
  private boolean open;
  private long openings;

  /// What happened to a CPU.
  public final class Victim {
    private final transient Core core;
    private final transient long base;
    /// Offsets from the begin of the text, a bit each: what ran within stretches, before what it was interrupted, and
    /// where the interrupt was masked.
    private final BitSet ran = new BitSet();
    private final BitSet hit = new BitSet();
    private final BitSet masked = new BitSet();
    /// Numbers of instructions within their stretch, a bit each: those that were interrupted.
    private final BitSet positions = new BitSet();
    private long longest;
    private long raised;
    private long taken;

    /// Number of the next instruction in the present stretch.
    private long position;
    private long lastPc;
    private long lastStack;
    private long interrupts;
    /// An interrupt was raised and is pending: before the instruction at this address, at this place.
    private boolean asked;
    private long askedPc;
    private long askedAt;
    /// Where the core was interrupted last.
    private long entryPc;
    private long entryStack;
    /// The handler of the interrupt runs, until the core is back where it was interrupted, with the stack as it was (a
    /// handler may run what it has interrupted, too, where it runs into a breakpoint), or on in another task, which
    /// shows by the core's taking such interrupts again. NMIs switch no tasks, and can come in within each other.
    private boolean inside;
    /// It was entered before the instruction before which the interrupt came.
    private boolean atOnce;

    private Victim(Core core, long base) {
      this.core = core;
      this.base = base;
    }

    private void before() {
      if (core.interrupts() != interrupts) {
        entered();
      }
      if (asked && !core.isRaised(what.number())) {
        acknowledged();
      }
      interrupts = core.interrupts();
      lastPc = core.pc;
      lastStack = core.stackPointer();
      if (inside && lastPc == entryPc && lastStack == entryStack) {
        inside = false;
        return;
      }
      inside &= what.isNmi() || !core.accepts(what.number());
      if (open && !inside) {
        point();
      }
    }

    /// The core was interrupted before the instruction that was told last. If an interrupt of ours is pending, that is
    /// it, unless it stays pending.
    private void entered() {
      if (!inside) {
        entryPc = lastPc;
        entryStack = lastStack;
        inside = asked;
        atOnce = asked && lastPc == askedPc && position == askedAt + 1;
      }
    }

    /// An interrupt of ours is pending no longer. If it was not entered for, another was more urgent, and that one's
    /// handler has acknowledged it.
    private void acknowledged() {
      asked = false;
      taken++;
      if (inside && atOnce) {
        hit.set((int) (askedPc - base));
        positions.set((int) askedAt);
      }
      inside = true;
      atOnce = false;
    }

    private void point() {
      ran.set((int) (core.pc - base));
      if (!core.accepts(what.number())) {
        masked.set((int) (core.pc - base));
      } else if (!asked && position % what.every() == (openings - 1) % what.every()) {
        core.raise(what.number());
        raised++;
        asked = true;
        askedPc = core.pc;
        askedAt = position;
      }
      position++;
      longest = Math.max(longest, position);
    }

    /// How many different instructions it ran within stretches.
    public int instructions() {
      return ran.cardinality();
    }

    /// Before how many of these it was interrupted.
    public int hit() {
      return hit.cardinality();
    }

    /// Whether it was interrupted before the instruction at an address.
    public boolean wasHit(long address) {
      return hit.get((int) (address - base));
    }

    /// Before how many it was not, and could not have been: the interrupt was masked there.
    public int masked() {
      BitSet only = (BitSet) masked.clone();
      only.andNot(hit);
      return only.cardinality();
    }

    /// Instructions in the longest stretch.
    public long positions() {
      return longest;
    }

    /// The first instruction of a stretch, counted from 0, before which it was never interrupted.
    public long firstMissed() {
      return positions.nextClearBit(0);
    }

    /// Interrupts that came in, and those that it has taken.
    public long raised() {
      return raised;
    }

    /// As [#raised].
    public long taken() {
      return taken;
    }

    private void write(JsonGenerator g) throws IOException {
      g.writeStartObject();
      g.writeNumberField("cpu", core.id);
      g.writeNumberField("raised", raised);
      g.writeNumberField("taken", taken);
      g.writeNumberField("instructions", instructions());
      g.writeNumberField("hit", hit());
      g.writeNumberField("masked", masked());
      g.writeNumberField("longest", longest);
      g.writeNumberField("first_missed", firstMissed());
      g.writeEndObject();
    }
  }

  /// Follows all cores of `machine` from now on.
  ///
  /// @param spans    hear from what retires on the patching cores
  /// @param patching their numbers
  /// @param text     address of the begin of the text
  Injector(Injection what, Machine machine, List<SpanLog> spans, List<Integer> patching, long text) {
    this.what = what;
    this.spans = spans;
    patchers = patching.stream().map(machine::core).toList();
    for (int cpu : what.cpus()) {
      victims.add(new Victim(machine.core(cpu), text));
    }
    for (int cpu = 0; cpu < machine.cpus(); cpu++) {
      machine.core(cpu).follow(this);
    }
  }

  @Override
  public void before(Core core) {
    for (Core patcher : patchers) {
      patcher.flushRows(false);
    }
    boolean within = false;
    for (SpanLog heard : spans) {
      within |= heard.isWithin(what.into());
    }
    if (within && !open) {
      openings++;
      victims.forEach(victim -> victim.position = 0);
    }
    open = within;
    for (Victim victim : victims) {
      if (victim.core.id == core.id) {
        victim.before();
      }
    }
  }

  /// What is injected.
  public Injection what() {
    return what;
  }

  /// How many stretches there were.
  public long openings() {
    return openings;
  }

  /// Of each CPU that is interrupted, in order of their numbers.
  public List<Victim> victims() {
    return List.copyOf(victims);
  }

  /// Writes what happened, as fields of an object.
  public void write(JsonGenerator g) throws IOException {
    what.write(g);
    g.writeNumberField("openings", openings);
    g.writeArrayFieldStart("cpus");
    for (Victim victim : victims) {
      victim.write(g);
    }
    g.writeEndArray();
  }
}

package dev.crosspatch.sim.scenario;

/// The answer to the project's question for one run: did every CPU only ever execute what the protocol allows, and could the decoder tell which,
/// everywhere?
public enum Verdict { PASS, FAIL }

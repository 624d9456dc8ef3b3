package dev.crosspatch.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// Who may import whom: the table of `docs/architecture.md`.
@AnalyzeClasses(packages = "dev.crosspatch", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest
  static final ArchRule coreUsesTheJdkOnly =
      classes().that().resideInAPackage("dev.crosspatch.core..")
          .should().onlyDependOnClassesThat().resideInAnyPackage("dev.crosspatch.core..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule x86UsesTheCoreOnly =
      classes().that().resideInAPackage("dev.crosspatch.isa.x86..")
          .should().onlyDependOnClassesThat().resideInAnyPackage("dev.crosspatch.isa.x86..", "dev.crosspatch.core..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule arm64UsesTheCoreOnly =
      classes().that().resideInAPackage("dev.crosspatch.isa.arm64..")
          .should().onlyDependOnClassesThat().resideInAnyPackage("dev.crosspatch.isa.arm64..", "dev.crosspatch.core..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule asmUsesNothingOfOursButTheCore =
      noClasses().that().resideInAPackage("dev.crosspatch.asm..")
          .should().dependOnClassesThat().resideInAnyPackage("dev.crosspatch.isa..", "dev.crosspatch.tracer..", "dev.crosspatch.sim..");

  @ArchTest
  static final ArchRule tracerKnowsNeitherMachineNorIsaModules =
      noClasses().that().resideInAPackage("dev.crosspatch.tracer..")
          .should().dependOnClassesThat().resideInAnyPackage("dev.crosspatch.core.cpu..", "dev.crosspatch.core.mem..", "dev.crosspatch.core.machine..",
              "dev.crosspatch.isa..", "dev.crosspatch.asm..", "dev.crosspatch.sim..");

  @ArchTest
  static final ArchRule onlyTraceUnitsSeeRetireEvents =
      noClasses().that().resideInAPackage("dev.crosspatch.tracer..").and().resideOutsideOfPackage("dev.crosspatch.tracer.unit..")
          .should().dependOnClassesThat().resideInAnyPackage("dev.crosspatch.core.event..", "dev.crosspatch.tracer.unit..");

  @ArchTest
  static final ArchRule laboratoryReachesIsasThroughThePlugInInterface =
      noClasses().that().resideInAPackage("dev.crosspatch.sim..")
          .should().dependOnClassesThat().resideInAnyPackage("dev.crosspatch.isa..", "dev.crosspatch.asm..", "dev.crosspatch.tracer.pt..", "dev.crosspatch.tracer.etm..");

  @ArchTest
  static final ArchRule packagesOfTheTracerHaveNoCycles =
      slices().matching("dev.crosspatch.tracer.(*)..").should().beFreeOfCycles();
}

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
          .should().onlyDependOnClassesThat()
          .resideInAnyPackage("dev.crosspatch.isa.x86..", "dev.crosspatch.core..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule arm64UsesTheCoreOnly =
      classes().that().resideInAPackage("dev.crosspatch.isa.arm64..")
          .should().onlyDependOnClassesThat()
          .resideInAnyPackage("dev.crosspatch.isa.arm64..", "dev.crosspatch.core..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule platformUsesTheCoreOnly =
      classes().that().resideInAPackage("dev.crosspatch.platform..")
          .should().onlyDependOnClassesThat()
          .resideInAnyPackage("dev.crosspatch.platform..", "dev.crosspatch.core..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule asmUsesNothingOfOursButTheCore =
      noClasses().that().resideInAPackage("dev.crosspatch.asm..")
          .should().dependOnClassesThat()
          .resideInAnyPackage("dev.crosspatch.isa..", "dev.crosspatch.platform..", "dev.crosspatch.tracer..",
              "dev.crosspatch.sim..");

  @ArchTest
  static final ArchRule codeUsesTheJdkOnly =
      classes().that().resideInAPackage("dev.crosspatch.core.code..")
          .should().onlyDependOnClassesThat()
          .resideInAnyPackage("dev.crosspatch.core.code..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule decodersKnowOfTheCoreOnlyCodeAndTime =
      classes().that().resideInAPackage("dev.crosspatch.tracer..").and()
          .resideOutsideOfPackage("dev.crosspatch.tracer.unit..")
          .should().onlyDependOnClassesThat().resideInAnyPackage(
              "dev.crosspatch.tracer..", "dev.crosspatch.core.code..", "dev.crosspatch.core.time..",
              "com.fasterxml.jackson..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule traceUnitsKnowBesidesWhatRetires =
      noClasses().that().resideInAPackage("dev.crosspatch.tracer.unit..")
          .should().dependOnClassesThat().resideInAnyPackage("dev.crosspatch.core.cpu..",
              "dev.crosspatch.core.machine..", "dev.crosspatch.isa..", "dev.crosspatch.asm..",
              "dev.crosspatch.platform..", "dev.crosspatch.sim..");

  @ArchTest
  static final ArchRule nothingDependsOnTraceUnits =
      noClasses().that().resideInAPackage("dev.crosspatch.tracer..").and()
          .resideOutsideOfPackage("dev.crosspatch.tracer.unit..")
          .should().dependOnClassesThat().resideInAPackage("dev.crosspatch.tracer.unit..");

  @ArchTest
  static final ArchRule laboratoryReachesIsasThroughThePlugInInterface =
      noClasses().that().resideInAPackage("dev.crosspatch.sim..")
          .should().dependOnClassesThat().resideInAnyPackage("dev.crosspatch.isa..", "dev.crosspatch.asm..",
              "dev.crosspatch.tracer.pt..", "dev.crosspatch.tracer.etm..")
          .orShould().dependOnClassesThat().haveFullyQualifiedName("dev.crosspatch.platform.LabBoard");

  @ArchTest
  static final ArchRule packagesOfTheCoreHaveNoCycles =
      slices().matching("dev.crosspatch.core.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packagesOfTheTracerHaveNoCycles =
      slices().matching("dev.crosspatch.tracer.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packagesOfTheLaboratoryHaveNoCycles =
      slices().matching("dev.crosspatch.sim.(*)..").should().beFreeOfCycles();
}

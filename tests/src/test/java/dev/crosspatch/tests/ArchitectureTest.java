package dev.crosspatch.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;

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

  /// Of what is found as plug-ins the laboratory knows the interfaces, and what these hand over.
  @ArchTest
  static final ArchRule laboratoryReachesIsasAssemblersAndProtocolsThroughTheirPlugInInterfaces =
      noClasses().that().resideInAPackage("dev.crosspatch.sim..")
          .should().dependOnClassesThat().resideInAnyPackage("dev.crosspatch.isa..", "dev.crosspatch.asm..",
              "dev.crosspatch.tracer.pt..", "dev.crosspatch.tracer.etm..");

  @ArchTest
  static final ArchRule laboratoryReachesBoardsThroughTheirPlugInInterface =
      noClasses().that().resideInAPackage("dev.crosspatch.sim..")
          .should().dependOnClassesThat(in("dev.crosspatch.platform",
              "Board", "Booted", "Platform", "MemoryMap", "Bus", "Device", "Dma", "IrqLine"));

  @ArchTest
  static final ArchRule laboratoryReachesTraceUnitsThroughTheirPlugInInterface =
      noClasses().that().resideInAPackage("dev.crosspatch.sim..")
          .should().dependOnClassesThat(in("dev.crosspatch.tracer.unit",
              "TraceUnitProvider", "TraceUnit", "TraceSetup"));

  @ArchTest
  static final ArchRule laboratoryReachesExportersThroughTheirPlugInInterface =
      noClasses().that().resideInAPackage("dev.crosspatch.sim..")
          .should().dependOnClassesThat(in("dev.crosspatch.tracer.export", "TraceExporter", "KernelFiles"));

  /// Classes of a package, and of those in it, but these and what is nested in them.
  private static DescribedPredicate<JavaClass> in(String home, String... but) {
    return DescribedPredicate.describe("are in " + home + " but not " + List.of(but), type -> {
      String name = type.getName();
      return name.startsWith(home + ".")
          && !List.of(but).contains(name.substring(home.length() + 1).replaceFirst("\\$.*", ""));
    });
  }

  @ArchTest
  static final ArchRule packagesOfTheCoreHaveNoCycles = packagesHaveNoCycles("dev.crosspatch.core");

  @ArchTest
  static final ArchRule packagesOfTheTracerHaveNoCycles = packagesHaveNoCycles("dev.crosspatch.tracer");

  @ArchTest
  static final ArchRule packagesOfTheLaboratoryHaveNoCycles = packagesHaveNoCycles("dev.crosspatch.sim");

  /// Every package is a slice of its own, the root among them.
  private static ArchRule packagesHaveNoCycles(String root) {
    return slices().assignedFrom(new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass type) {
        String home = type.getPackageName();
        return home.equals(root) || home.startsWith(root + ".") ? SliceIdentifier.of(home) : SliceIdentifier.ignore();
      }

      @Override
      public String getDescription() {
        return "packages of " + root;
      }
    }).should().beFreeOfCycles();
  }
}

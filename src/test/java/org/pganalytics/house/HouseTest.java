package org.pganalytics.house;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the code to the plan in docs/architecture.md: which room may open which door. */
class HouseTest {
    private static final String ROOT = "org.pganalytics.";
    private static final HousePlan PLAN = HousePlan.read();
    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.pganalytics");

    static Stream<String> rooms() {
        return PLAN.doorsByRoom().keySet().stream().filter(room -> !room.equals("boot"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rooms")
    void aRoomOpensOnlyItsDoors(String room) {
        var open = Stream.concat(Stream.of(room), PLAN.doorsByRoom().get(room).stream())
                .map(name -> ROOT + name + "..")
                .toArray(String[]::new);
        DescribedPredicate<JavaClass> allowed = resideInAnyPackage(open).or(not(resideInAPackage("org.pganalytics..")));
        if (room.equals("config")) {
            allowed = allowed.or(simpleNameEndingWith("Config").and(not(resideInAPackage("org.pganalytics.boot.."))))
                    .or(DescribedPredicate.describe("part of a config record", HouseTest::isInsideConfig));
        }
        classes()
                .that()
                .resideInAPackage(ROOT + room + "..")
                .should()
                .onlyDependOnClassesThat(allowed)
                .allowEmptyShould(true)
                .check(HOUSE);
    }

    private static boolean isInsideConfig(JavaClass type) {
        return type.getEnclosingClass().map(JavaClass::getSimpleName).orElse("").endsWith("Config");
    }

    @Test
    void everyRoomIsOnThePlan() {
        Set<String> built = HOUSE.stream()
                .map(type -> type.getPackageName().substring(ROOT.length()).split("\\.")[0])
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(PLAN.doorsByRoom().keySet()), built);
    }

    @Test
    void roomsFormNoCircle() {
        slices().matching("org.pganalytics.(*)..")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(resideInAPackage("org.pganalytics.config.."), DescribedPredicate.alwaysTrue())
                .check(HOUSE);
    }

    @Test
    void onlyTheDriversSocketTouchesTheInsideOfVertx() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("org.pganalytics.database.DriverSocket")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..internal..", "io.vertx..impl..")
                .check(HOUSE);
    }

    @Test
    void nobodyBlocksAThread() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.pganalytics.boot..")
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(java.util.concurrent.CompletableFuture.class, "get")
                .orShould()
                .callMethod(java.util.concurrent.CompletableFuture.class, "join")
                .check(HOUSE);
    }

    @Test
    void hoconIsReadInConfigOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.pganalytics.config..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.typesafe.config..")
                .check(HOUSE);
    }

    @Test
    void onlyTheStoreMakesReceipts() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.pganalytics.storage..", "org.pganalytics.model..")
                .should()
                .callConstructorWhere(DescribedPredicate.describe(
                        "makes a Receipt",
                        call -> call.getTargetOwner().getName().equals(ROOT + "model.Receipt")))
                .check(HOUSE);
    }

    @Test
    void thereIsNoStaticMutableState() {
        fields().that().areStatic().should().beFinal().check(HOUSE);
    }

    @Test
    void namesSayAPurpose() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .check(HOUSE);
    }
}

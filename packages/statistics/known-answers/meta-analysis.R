# Rscript known-answers/meta-analysis.R > known-answers/meta-analysis.json
# Effects of seven hospitals, ours; three sets: heterogeneous, none between hospitals, and far apart with unequal errors.
suppressMessages(library(metafor))
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
one <- function(x) sprintf("%.17g", x)
sets <- list(
  heterogeneous = list(y = c(0.42, 0.11, 0.78, 0.35, -0.05, 0.61, 0.29), se = c(0.12, 0.15, 0.2, 0.09, 0.18, 0.25, 0.11)),
  homogeneous = list(y = c(-0.31, -0.27, -0.35, -0.3, -0.29), se = c(0.1, 0.2, 0.15, 0.12, 0.3)),
  unequal = list(y = c(5210.5, 4890.25, 6105, 4400.75), se = c(12.5, 410, 95, 30)))
# What metafor cannot tell by itself is written out: Higgins, Thompson & Spiegelhalter 2009, eq. 12.
cat("{\n")
cat(sprintf(' "oracle": "R %s.%s, metafor %s: rma(method = REML / FE, test = z / knha), control = list(threshold = 1e-14, maxiter = 1000)",\n', R.version$major, R.version$minor, packageVersion("metafor")))
cat(' "call": "Rscript known-answers/meta-analysis.R > known-answers/meta-analysis.json",\n')
cat(' "citation": "Viechtbauer 2005; Hartung & Knapp 2001; Higgins & Thompson 2002; Higgins, Thompson & Spiegelhalter 2009",\n')
cat(' "tolerance": "estimates and standard errors 1e-8 max(|estimate|, SE); tau squared 1e-8 of tau squared + typical variance; the rest 1e-8 relative",\n')
cat(' "sets": {\n')
first <- TRUE
for (name in names(sets)) {
  y <- sets[[name]]$y; se <- sets[[name]]$se; k <- length(y)
  control <- list(threshold = 1e-14, maxiter = 1000)
  random <- rma(yi = y, sei = se, method = "REML", control = control)
  knapp <- rma(yi = y, sei = se, method = "REML", test = "knha", control = control)
  fixed <- rma(yi = y, sei = se, method = "FE")
  if (!first) cat(",\n")
  first <- FALSE
  half <- qt(0.975, k - 2) * sqrt(random$tau2 + random$se^2)
  cat(sprintf('  "%s": {\n', name))
  cat('   "estimates":', number(y), ',\n   "standardErrors":', number(se), ",\n")
  cat('   "fixed":', number(c(fixed$b, fixed$se, fixed$pval)), ',\n   "fixedHeterogeneity":', number(c(fixed$QE, fixed$QEp, fixed$I2 / 100, fixed$H2)), ",\n")
  cat('   "random":', number(c(random$b, random$se, random$zval, random$pval, random$ci.lb, random$ci.ub)), ",\n")
  cat('   "tauSquared":', one(random$tau2), ',\n   "tauSquaredError":', one(random$se.tau2), ",\n")
  cat('   "heterogeneity":', number(c(random$QE, random$QEp, random$I2 / 100, random$H2)), ",\n")
  cat('   "hartungKnapp":', number(c(knapp$se, knapp$zval, knapp$pval, knapp$ci.lb, knapp$ci.ub)), ",\n")
  cat('   "prediction":', number(c(random$b - half, random$b + half)), "\n  }")
}
cat("\n }\n}\n")

# node known-answers/write-binned-rows.ts FOLDER ; Rscript known-answers/generated-binned.R FOLDER SHA256 SHA256 > known-answers/generated-binned.json
suppressMessages(library(survival))
a <- commandArgs(TRUE)
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50, timefix = FALSE)
cat("{\n")
cat(sprintf(' "oracle": "R %s.%s, survival %s: coxph, Efron ties",\n', R.version$major, R.version$minor, packageVersion("survival")))
cat(' "call": "node known-answers/write-binned-rows.ts FOLDER; Rscript known-answers/generated-binned.R FOLDER SHA256 SHA256",\n')
cat(' "formula": "Surv(from, to, isEvent) ~ features on rows cut into the intervals that the gate merges; coxph.control(eps = 1e-14)",\n')
cat(' "citation": "Efron 1977; Andersen & Gill 1982",\n')
cat(' "tolerance": "coefficients 1e-8 max(|coefficient|, SE); standard errors 1e-8 relative; log-likelihood 1e-10",\n')
write <- function(name, sha, d, f, unit) {
  fit <- coxph(f, d, ties = "efron", control = tight)
  cat(sprintf(' "%s": {\n  "csvSha256": "%s",\n', name, sha))
  cat('  "coefficients":', number(coef(fit) / unit), ',\n  "standardErrors":', number(sqrt(diag(vcov(fit))) / unit), ',\n  "logLikelihood":', sprintf("%.17g", fit$loglik[2]), "\n }")
}
d <- read.csv(file.path(a[1], "rows from 0.csv"))
# coxph iterates on columns as they are: per 100,000 platelets its information is well conditioned.
d$p5 <- d$platelets / 1e5
write("rows from 0", a[2], d, Surv(from, to, isEvent) ~ age + p5 + nodes + hormone, c(1, 1e5, 1, 1))
cat(",\n")
d <- read.csv(file.path(a[1], "visits.csv"))
write("visits", a[3], d, Surv(from, to, isEvent) ~ age + female + treated + marker, rep(1, 4))
cat("\n}\n")

# node known-answers/write-survival-rows.ts > rows.csv ; Rscript known-answers/generated-survival.R rows.csv SHA256 > known-answers/generated-survival.json
# Oracle: survival's survfit, its quantile and restricted mean, and survdiff; on the rows and on times rounded up to 30 days.
suppressPackageStartupMessages(library(survival))
d <- read.csv(commandArgs(TRUE)[1])
number <- function(x) paste0("[", paste(ifelse(is.na(x), "null", sprintf("%.17g", x)), collapse = ","), "]")
curve <- function(rows, at, until) {
  parts <- lapply(c("log", "log-log", "plain"), function(type) {
    fit <- survfit(Surv(time, event) ~ 1, rows, conf.type = type)
    s <- summary(fit, times = at, extend = TRUE)
    middle <- summary(fit)$table
    sprintf('"%s": {"lower": %s, "upper": %s, "median": %s}', type, number(s$lower), number(s$upper), number(middle[c("median", "0.95LCL", "0.95UCL")]))
  })
  fit <- survfit(Surv(time, event) ~ 1, rows)
  s <- summary(fit, times = at, extend = TRUE)
  mean <- summary(fit, rmean = until)$table
  sprintf('{"n": %d, "events": %d, "at": %s, "survival": %s, "standardError": %s, "atRisk": %s, "restrictedMean": %s, "restrictedMeanError": %s,\n   %s}',
    nrow(rows), sum(rows$event), number(at), number(s$surv), number(s$std.err), number(s$n.risk), number(mean["rmean"]), number(mean["se(rmean)"]), paste(parts, collapse = ",\n   "))
}
test <- function(fit) {
  total <- function(x) if (is.matrix(x)) rowSums(x) else x
  sprintf('{"chisq": %s, "observed": %s, "expected": %s}', number(fit$chisq), number(total(fit$obs)), number(total(fit$exp)))
}
block <- function(name, d, at, until) {
  groups <- split(d, list(d$treated, d$old), sep = "|")
  curves <- sapply(names(groups), function(g) sprintf('  "%s": %s', g, curve(groups[[g]], at, until)))
  cat(sprintf(' "%s": {\n  "groups": {\n%s},\n', name, paste(curves, collapse = ",\n")))
  cat(sprintf('  "twoGroups": %s,\n', test(survdiff(Surv(time, event) ~ treated, d))))
  cat(sprintf('  "fourGroups": %s,\n', test(survdiff(Surv(time, event) ~ interaction(treated, old), d))))
  cat(sprintf('  "fourGroupsBySite": %s\n }', test(survdiff(Surv(time, event) ~ interaction(treated, old) + strata(site), d))))
}
cat("{\n")
cat(sprintf(' "oracle": "%s, survival %s: survfit(conf.type = log, log-log, plain), summary(rmean =), survdiff(rho = 0), + strata(site)",\n', R.version.string, packageVersion("survival")))
cat(' "call": "node known-answers/write-survival-rows.ts > rows.csv; Rscript known-answers/generated-survival.R rows.csv SHA256",\n')
cat(' "citation": "Kaplan & Meier 1958; Greenwood 1926; Kalbfleisch & Prentice 1980; Mantel 1966",\n')
cat(sprintf(' "csvSha256": "%s",\n', commandArgs(TRUE)[2]))
cat(' "tolerance": "1e-12 relative: sums of a few hundred terms in another order; times of medians exactly",\n')
block("days", d, c(0, 1, 30, 100, 200, 365, 600, 900), 600)
cat(",\n")
binned <- d
binned$time <- ceiling(d$time / 30) * 30
block("thirtyDays", binned, c(30, 90, 360, 720), 360)
cat("\n}\n")

# node known-answers/write-visit-rows.ts > rows.csv ; Rscript known-answers/generated-visits.R rows.csv SHA256 > known-answers/generated-visits.json
suppressMessages(library(survival))
d <- read.csv(commandArgs(TRUE)[1])
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50, timefix = FALSE)
at <- c(100, 200, 365)
cat("{\n")
cat(sprintf(' "oracle": "R %s.%s, survival %s: coxph, cox.zph(transform = identity), survfit, concordance",\n', R.version$major, R.version$minor, packageVersion("survival")))
cat(' "call": "node known-answers/write-visit-rows.ts > rows.csv; Rscript known-answers/generated-visits.R rows.csv SHA256",\n')
cat(' "formula": "Surv(entry, days, cause == 1) ~ age + female + treated + marker (+ strata(centre)), coxph.control(eps = 1e-14); concordance by cluster(person)",\n')
cat(' "citation": "Andersen & Gill 1982; Prentice et al. 1978 (cause-specific hazards); Efron 1977; Breslow 1974; Grambsch & Therneau 1994; Harrell et al. 1982",\n')
cat(sprintf(' "csvSha256": "%s",\n', commandArgs(TRUE)[2]))
cat(' "tolerance": "coefficients 1e-8 max(|coefficient|, SE); everything else 1e-8 relative",\n')
first <- TRUE
for (strata in c("stratified", "one stratum")) for (ties in c("efron", "breslow")) {
  f <- if (strata == "stratified") Surv(entry, days, cause == 1) ~ age + female + treated + marker + strata(centre) else
    Surv(entry, days, cause == 1) ~ age + female + treated + marker
  fit <- coxph(f, d, ties = ties, control = tight)
  zph <- cox.zph(fit, transform = "identity", terms = FALSE)$table
  zero <- data.frame(age = mean(d$age), female = mean(d$female), treated = mean(d$treated), marker = mean(d$marker), centre = 1:3)
  hazard <- if (strata == "stratified") sapply(1:3, function(k) summary(survfit(fit, newdata = zero[k, ]), times = at, extend = TRUE)$cumhaz) else
    summary(survfit(fit, newdata = zero[1, ]), times = at, extend = TRUE)$cumhaz
  # A cluster of its own for each centre's share of a person: persons are of one centre.
  c <- concordance(fit, cluster = d$person)
  if (!first) cat(",\n")
  first <- FALSE
  count <- if (is.matrix(c$count)) colSums(c$count) else c$count
  cat(sprintf(' "%s %s": {\n', strata, ties))
  cat('  "coefficients":', number(coef(fit)), ',\n  "standardErrors":', number(sqrt(diag(vcov(fit)))), ",\n")
  cat('  "logLikelihoodNull":', sprintf("%.17g", fit$loglik[1]), ',\n  "logLikelihood":', sprintf("%.17g", fit$loglik[2]), ",\n")
  cat('  "scoreTest":', sprintf("%.17g", fit$score), ',\n  "waldTest":', sprintf("%.17g", fit$wald.test), ",\n")
  cat('  "concordance":', number(c(c$concordance, sqrt(c$var), count[c("concordant", "discordant", "tied.x", "tied.y")])), ",\n")
  cat('  "proportionalHazards":', number(zph[, "chisq"]), ',\n  "proportionalHazardsP":', number(zph[, "p"]), ",\n")
  cat('  "cumulativeHazard":', number(as.vector(hazard)), "\n }")
}
cat("\n}\n")

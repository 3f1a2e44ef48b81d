# node known-answers/write-cox-rows.ts > rows.csv ; Rscript known-answers/generated-cox.R rows.csv SHA256 > known-answers/generated-cox.json
suppressMessages(library(survival))
d <- read.csv(commandArgs(TRUE)[1])
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
# coxph iterates on columns as they are: per 100,000 platelets its information is well conditioned. Its coefficient is divided back.
d$p5 <- d$platelets / 1e5
unit <- c(1, 1e5, 1, 1)
at <- c(365, 730, 1096, 1461, 1826)
cat("{\n")
cat(sprintf(' "oracle": "R %s.%s, survival %s: coxph, cox.zph(transform = identity), survfit, concordance",\n', R.version$major, R.version$minor, packageVersion("survival")))
cat(' "call": "node known-answers/write-cox-rows.ts > rows.csv; Rscript known-answers/generated-cox.R rows.csv SHA256",\n')
cat(' "formula": "Surv(days, event) ~ age + platelets + nodes + hormone (+ strata(centre)), coxph.control(eps = 1e-14)",\n')
cat(' "citation": "Cox 1972; Efron 1977; Breslow 1974; Grambsch & Therneau 1994; Harrell et al. 1982",\n')
cat(sprintf(' "csvSha256": "%s",\n', commandArgs(TRUE)[2]))
cat(' "tolerance": "coefficients 1e-8 max(|coefficient|, SE); everything else 1e-8 relative",\n')
first <- TRUE
for (strata in c("stratified", "one stratum")) for (ties in c("efron", "breslow")) {
  f <- if (strata == "stratified") Surv(days, event) ~ age + p5 + nodes + hormone + strata(centre) else Surv(days, event) ~ age + p5 + nodes + hormone
  fit <- suppressWarnings(coxph(f, d, ties = ties, control = tight))
  zph <- cox.zph(fit, transform = "identity", terms = FALSE)$table
  zero <- data.frame(age = 0, p5 = 0, nodes = 0, hormone = 0, centre = 1:3)
  hazard <- if (strata == "stratified") sapply(1:3, function(k) summary(survfit(fit, newdata = zero[k, ]), times = at, extend = TRUE)$cumhaz) else
    summary(survfit(fit, newdata = zero[1, ]), times = at, extend = TRUE)$cumhaz
  if (!first) cat(",\n")
  first <- FALSE
  cat(sprintf(' "%s %s": {\n', strata, ties))
  cat('  "coefficients":', number(coef(fit) / unit), ',\n  "standardErrors":', number(sqrt(diag(vcov(fit))) / unit), ",\n")
  cat('  "logLikelihoodNull":', sprintf("%.17g", fit$loglik[1]), ',\n  "logLikelihood":', sprintf("%.17g", fit$loglik[2]), ",\n")
  cat('  "scoreTest":', sprintf("%.17g", fit$score), ',\n  "waldTest":', sprintf("%.17g", fit$wald.test), ",\n")
  cat('  "concordance":', number(fit$concordance[c("concordance", "std", "concordant", "discordant", "tied.x", "tied.y")]), ",\n")
  cat('  "proportionalHazards":', number(zph[, "chisq"]), ',\n  "proportionalHazardsP":', number(zph[, "p"]), ",\n")
  cat('  "cumulativeHazard":', number(as.vector(hazard)), "\n }")
}
# Two scores of the same rows: R takes the scores as they are, one stratum.
# Scores that both compute to the same bit: R does not round them before ties are decided.
d$whole <- d$age + d$platelets / 1048576
two <- concordance(Surv(days, event) ~ whole, d, reverse = TRUE)
pair <- concordance(coxph(Surv(days, event) ~ whole, d), coxph(Surv(days, event) ~ nodes, d))
cat(',\n "twoScores": {\n  "concordance":', number(c(two$concordance, sqrt(two$var))), ",\n")
cat('  "pairedDifference":', number(c(pair$concordance[[1]] - pair$concordance[[2]], sqrt(drop(c(1, -1) %*% vcov(pair) %*% c(1, -1))))), "\n }\n}\n")

# node known-answers/write-cox-rows.ts > rows.csv ; Rscript known-answers/generated-cox-without-site.R rows.csv > known-answers/generated-cox-without-site.json
# Oracle: survival. The stratified fit of all, less one centre by a Newton step: b - (V^-1 - I_s)^-1 g_s, g_s and I_s of that centre at b.
# C by subgroup: concordance() of the centre's patients, scored by the fit of all.
suppressMessages(library(survival))
d <- read.csv(commandArgs(TRUE)[1])
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
d$p5 <- d$platelets / 1e5
fit <- coxph(Surv(days, event) ~ age + p5 + nodes + hormone + strata(centre), d, ties = "efron", control = tight)
s <- d[d$centre == 1, ]
at <- suppressWarnings(coxph(Surv(days, event) ~ age + p5 + nodes + hormone, s, ties = "efron", init = coef(fit), control = coxph.control(iter.max = 0)))
g <- colSums(residuals(at, type = "score"))
b <- coef(fit) - solve(solve(vcov(fit)) - solve(vcov(at)), g)
x <- as.matrix(s[, c("age", "p5", "nodes", "hormone")])
of <- function(rows, eta) { c <- concordance(Surv(days, event) ~ eta, rows, reverse = TRUE); c(c$concordance, sqrt(c$var)) }
eta <- as.vector(x %*% coef(fit))
cat("{\n")
cat(sprintf(' "oracle": "R %s.%s, survival %s: coxph, coxph(init, iter.max = 0), concordance(reverse = TRUE)",\n', R.version$major, R.version$minor, packageVersion("survival")))
cat(' "call": "node known-answers/write-cox-rows.ts > rows.csv; Rscript known-answers/generated-cox-without-site.R rows.csv",\n')
cat(' "citation": "Pregibon 1981; Harrell et al. 1982",\n "tolerance": "1e-9",\n')
cat(sprintf(' "withoutSite": %s,\n', number(of(s, as.vector(x %*% b)))))
cat(sprintf(' "byHormone": [%s, %s]\n}\n', number(of(s[s$hormone == 0, ], eta[s$hormone == 0])), number(of(s[s$hormone == 1, ], eta[s$hormone == 1]))))

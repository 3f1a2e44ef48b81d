/**
 * What the made-up hospital diagnoses, orders and measures: its own codes and names, and the public codes that they stand for.
 *
 * Names and codes of KCD, LOINC and UCUM are facts; the hospital's own codes, its claim codes for drugs and every concept id are invented.
 */

export interface Disease {
  /** The hospital's code: KCD without its dot, or a department's own. */
  readonly local: string;
  readonly kcd: string;
  readonly english: string;
  readonly korean: string;
  /** `parent`: the vocabulary has the code above it only. `absent`: it has neither. */
  readonly inVocabulary: "yes" | "parent" | "absent";
}

export interface Test {
  readonly local: string;
  readonly korean: string;
  readonly english: string;
  readonly loinc: string;
  readonly unit: string;
  readonly mean: number;
  readonly deviation: number;
  readonly decimals: number;
  /** How the hospital's devices write the unit. */
  readonly spellings: readonly string[];
}

export interface Item {
  readonly local: string;
  readonly korean: string;
  readonly english: string;
  /** Empty: the hospital bills it to nobody and has no price for it. */
  readonly fee: string;
  readonly edi: string;
  readonly kind: "D" | "P" | "L";
  /** What a standard vocabulary calls it. */
  readonly standard: string;
  readonly ingredient: string;
  readonly unit: string;
  readonly inVocabulary: boolean;
}

const lines = (text: string): readonly (readonly string[])[] =>
  text
    .trim()
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));

export const DISEASES: readonly Disease[] = lines(`
I10|I10|Essential (primary) hypertension|본태성(원발성) 고혈압|yes
I109|I10.9|Other and unspecified primary hypertension|기타 및 상세불명의 원발성 고혈압|parent
E119|E11.9|Type 2 diabetes mellitus without complications|합병증을 동반하지 않은 2형 당뇨병|yes
E1178|E11.78|Type 2 diabetes mellitus with other multiple complications|기타 다발성 합병증을 동반한 2형 당뇨병|parent
E1121|E11.21|Type 2 diabetes mellitus with incipient nephropathy|초기 신장병증을 동반한 2형 당뇨병|parent
E785|E78.5|Hyperlipidaemia, unspecified|상세불명의 고지질혈증|yes
E780|E78.0|Pure hypercholesterolaemia|순수고콜레스테롤혈증|yes
J189|J18.9|Pneumonia, unspecified|상세불명의 폐렴|yes
J209|J20.9|Acute bronchitis, unspecified|상세불명의 급성 기관지염|yes
J450|J45.0|Predominantly allergic asthma|주로 알레르기성 천식|yes
J449|J44.9|Chronic obstructive pulmonary disease, unspecified|상세불명의 만성 폐쇄성 폐질환|yes
K297|K29.7|Gastritis, unspecified|상세불명의 위염|yes
K219|K21.9|Gastro-oesophageal reflux disease without oesophagitis|식도염을 동반하지 않은 위-식도역류병|yes
K259|K25.9|Gastric ulcer, unspecified|상세불명의 위궤양|yes
N201|N20.1|Calculus of ureter|요관의 결석|yes
N200|N20.0|Calculus of kidney|신장의 결석|yes
N390|N39.0|Urinary tract infection, site not specified|부위가 명시되지 않은 요로감염|yes
N183|N18.3|Chronic kidney disease, stage 3|만성 신장병(3기)|yes
I639|I63.9|Cerebral infarction, unspecified|상세불명의 뇌경색증|yes
I219|I21.9|Acute myocardial infarction, unspecified|상세불명의 급성 심근경색증|yes
I209|I20.9|Angina pectoris, unspecified|상세불명의 협심증|yes
I489|I48.9|Atrial fibrillation and atrial flutter, unspecified|상세불명의 심방세동 및 심방조동|yes
I500|I50.0|Congestive heart failure|울혈성 심부전|yes
C509|C50.9|Malignant neoplasm of breast, unspecified|상세불명의 유방의 악성 신생물|yes
C5090|C50.90|Malignant neoplasm of breast, unspecified, right|상세불명의 유방의 악성 신생물, 오른쪽|parent
C169|C16.9|Malignant neoplasm of stomach, unspecified|상세불명의 위의 악성 신생물|yes
C349|C34.9|Malignant neoplasm of bronchus or lung, unspecified|상세불명의 기관지 또는 폐의 악성 신생물|yes
C73|C73|Malignant neoplasm of thyroid gland|갑상선의 악성 신생물|yes
B181|B18.1|Chronic viral hepatitis B without delta-agent|델타-병원체가 없는 만성 바이러스 B형간염|yes
K746|K74.6|Other and unspecified cirrhosis of liver|기타 및 상세불명의 간경변증|yes
E039|E03.9|Hypothyroidism, unspecified|상세불명의 갑상선기능저하증|yes
D509|D50.9|Iron deficiency anaemia, unspecified|상세불명의 철결핍빈혈|yes
M545|M54.5|Low back pain|아래허리통증|yes
M170|M17.0|Primary gonarthrosis, bilateral|양쪽 원발성 무릎관절증|yes
F329|F32.9|Depressive episode, unspecified|상세불명의 우울에피소드|yes
G409|G40.9|Epilepsy, unspecified|상세불명의 뇌전증|yes
R104|R10.4|Other and unspecified abdominal pain|기타 및 상세불명의 복통|yes
R509|R50.9|Fever, unspecified|상세불명의 열|yes
S0600|S06.00|Concussion without open intracranial wound|열린 두개내상처가 없는 진탕|parent
S5250|S52.50|Fracture of lower end of radius, closed|요골 하단의 폐쇄성 골절|parent
A099|A09.9|Gastroenteritis and colitis of unspecified origin|상세불명 기원의 위장염 및 결장염|yes
U071|U07.1|COVID-19, virus identified|코로나바이러스 질환 2019, 바이러스가 확인된|yes
OS017|M17.1|Other primary gonarthrosis|기타 원발성 무릎관절증|yes
NR003|I63.5|Cerebral infarction due to unspecified occlusion of cerebral arteries|대뇌동맥의 상세불명 폐쇄로 인한 뇌경색증|yes
ZZ999|U98.9|Code of the health check centre|건진센터 관리코드|absent
`).map(([local = "", kcd = "", english = "", korean = "", state = ""]) => ({
  local,
  kcd,
  english,
  korean,
  inVocabulary: state === "parent" || state === "absent" ? state : "yes",
}));

export const TESTS: readonly Test[] = lines(`
LH0101|혈색소|Hemoglobin|718-7|g/dL|13.4|1.8|1|g/dL,g/dl,G/DL,gm/dL
LH0102|적혈구수|Erythrocytes|789-8|10*6/uL|4.5|0.6|2|10^6/uL,x10^6/㎕,10^6/㎕
LH0103|백혈구수|Leukocytes|6690-2|10*3/uL|7.1|2.4|2|10^3/uL,x10³/㎕,K/uL
LH0104|혈소판수|Platelets|777-3|10*3/uL|245|65|0|10^3/uL,x10³/㎕
LH0105|적혈구용적률|Hematocrit|4544-3|%|40|5|1|%
LC0201|포도당(공복)|Glucose|2345-7|mg/dL|112|34|0|mg/dL,mg/dl,㎎/㎗
LC0202|당화혈색소|Hemoglobin A1c|4548-4|%|6.3|1.2|1|%
LC0203|크레아티닌|Creatinine|2160-0|mg/dL|1.0|0.4|2|mg/dL,mg/dl,㎎/㎗,MG/DL
LC0204|혈액요소질소|Urea nitrogen|3094-0|mg/dL|16|6|1|mg/dL,㎎/㎗
LC0205|총콜레스테롤|Cholesterol|2093-3|mg/dL|182|38|0|mg/dL,mg/dl
LC0206|중성지방|Triglyceride|2571-8|mg/dL|140|70|0|mg/dL
LC0207|고밀도지단백콜레스테롤|Cholesterol in HDL|2085-9|mg/dL|50|12|0|mg/dL
LC0208|저밀도지단백콜레스테롤|Cholesterol in LDL|13457-7|mg/dL|108|32|0|mg/dL
LC0209|아스파르테이트아미노전달효소|Aspartate aminotransferase|1920-8|U/L|28|14|0|U/L,IU/L
LC0210|알라닌아미노전달효소|Alanine aminotransferase|1742-6|U/L|27|16|0|U/L,IU/L
LC0211|총빌리루빈|Bilirubin.total|1975-2|mg/dL|0.8|0.4|1|mg/dL
LC0212|알부민|Albumin|1751-7|g/dL|4.2|0.4|1|g/dL
LC0213|나트륨|Sodium|2951-2|mmol/L|140|3|0|mmol/L,mEq/L
LC0214|칼륨|Potassium|2823-3|mmol/L|4.3|0.4|1|mmol/L,mEq/L
LC0215|염소|Chloride|2075-0|mmol/L|103|3|0|mmol/L,mEq/L
LC0216|칼슘|Calcium|17861-6|mg/dL|9.2|0.5|1|mg/dL
LC0217|요산|Urate|3084-1|mg/dL|5.4|1.4|1|mg/dL
LC0218|씨반응단백|C reactive protein|1988-5|mg/L|8|12|1|mg/L
LC0219|갑상선자극호르몬|Thyrotropin|3016-3|u[IU]/mL|2.2|1.4|2|uIU/mL,μIU/mL
LC0220|유리티록신|Thyroxine (T4) free|3024-7|ng/dL|1.2|0.2|2|ng/dL
LC0221|전립선특이항원|Prostate specific Ag|2857-1|ng/mL|1.6|1.1|2|ng/mL
LC0222|페리틴|Ferritin|2276-4|ng/mL|96|60|0|ng/mL
LG0301|프로트롬빈시간(INR)|INR|6301-6|{INR}|1.05|0.2|2|INR
LS0401|B형간염표면항원|Hepatitis B virus surface Ag|5196-1||0|0|0|
LU0501|요단백|Protein in urine|20454-5||0|0|0|
`).map(([local = "", korean = "", english = "", loinc = "", unit = "", mean = "", deviation = "", decimals = "", spellings = ""]) => ({
  local,
  korean,
  english,
  loinc,
  unit,
  mean: Number(mean),
  deviation: Number(deviation),
  decimals: Number(decimals),
  spellings: spellings.split(","),
}));

/** The hospital's column for it, the name and the public code. */
export const VITALS = lines(`
HGT_CM|Body height|8302-2
WGT_KG|Body weight|29463-7
BP_SYS|Systolic blood pressure|8480-6
BP_DIA|Diastolic blood pressure|8462-4
PULSE|Heart rate|8867-4
RESP|Respiratory rate|9279-1
BDTMP|Body temperature|8310-5
O2SAT|Oxygen saturation in Arterial blood by Pulse oximetry|2708-6
`);

export const ITEMS: readonly Item[] = lines(`
AMLO5|암로디핀정 5밀리그램|Amlodipine 5mg tab|F10001|640000110|D|amlodipine 5 MG Oral Tablet|amlodipine|TAB|y
LOSA50|로사르탄칼륨정 50밀리그램|Losartan 50mg tab|F10002|640000120|D|losartan potassium 50 MG Oral Tablet|losartan|TAB|y
METF500|메트포르민염산염정 500밀리그램|Metformin 500mg tab|F10003|640000130|D|metformin hydrochloride 500 MG Oral Tablet|metformin|TAB|y
GLIM2|글리메피리드정 2밀리그램|Glimepiride 2mg tab|F10004|640000140|D|glimepiride 2 MG Oral Tablet|glimepiride|TAB|y
ATOR20|아토르바스타틴칼슘정 20밀리그램|Atorvastatin 20mg tab|F10005|640000150|D|atorvastatin 20 MG Oral Tablet|atorvastatin|TAB|y
ROSU10|로수바스타틴칼슘정 10밀리그램|Rosuvastatin 10mg tab|F10006|640000160|D|rosuvastatin calcium 10 MG Oral Tablet|rosuvastatin|TAB|y
ASA100|아스피린장용정 100밀리그램|Aspirin enteric 100mg tab|F10007|640000170|D|aspirin 100 MG Delayed Release Oral Tablet|aspirin|TAB|y
CLOP75|클로피도그렐정 75밀리그램|Clopidogrel 75mg tab|F10008|640000180|D|clopidogrel 75 MG Oral Tablet|clopidogrel|TAB|y
WARF2|와파린나트륨정 2밀리그램|Warfarin 2mg tab|F10009|640000190|D|warfarin sodium 2 MG Oral Tablet|warfarin|TAB|y
AAP500|아세트아미노펜정 500밀리그램|Acetaminophen 500mg tab|F10010|040000200|D|acetaminophen 500 MG Oral Tablet|acetaminophen|TAB|y
PANT40|판토프라졸정 40밀리그램|Pantoprazole 40mg tab|F10011|640000210|D|pantoprazole 40 MG Delayed Release Oral Tablet|pantoprazole|TAB|y
LEVO100|레보티록신나트륨정 100마이크로그램|Levothyroxine 100mcg tab|F10012|640000220|D|levothyroxine sodium 0.1 MG Oral Tablet|levothyroxine|TAB|y
FURO40|푸로세미드정 40밀리그램|Furosemide 40mg tab|F10013|640000230|D|furosemide 40 MG Oral Tablet|furosemide|TAB|y
TAMO20|타목시펜시트르산염정 20밀리그램|Tamoxifen 20mg tab|F10014|640000240|D|tamoxifen 20 MG Oral Tablet|tamoxifen|TAB|y
CEFT1|세프트리악손주 1그램|Ceftriaxone 1g inj|F10015|640000250|D|ceftriaxone 1000 MG Injection|ceftriaxone|VIAL|y
NS1L|생리식염주사액 1리터|Normal saline 1L|F10016|640000260|D|sodium chloride 9 MG/ML Injectable Solution|sodium chloride|BAG|y
HOSMOUTH|원내제제 헥사메딘 가글액|Chlorhexidine gargle, made in house|||D|chlorhexidine gluconate 1.2 MG/ML Mouthwash|chlorhexidine|BT|y
HOSEPI|원내조제 에피네프린 희석액|Epinephrine dilution, made in house|||D|epinephrine 0.1 MG/ML Injectable Solution|epinephrine|AMP|y
CTLAXA|임상시험용 의약품 A|Trial drug A|||D|||TAB|n
XRCHEST|흉부 단순촬영(정면)|Chest X-ray PA|F20001|G2101|P|Plain chest X-ray|||y
CTABD|복부 전산화단층촬영|CT abdomen|F20002|HA474|P|Computed tomography of abdomen|||y
ECG12|심전도검사(12유도)|ECG 12 lead|F20003|E6541|P|12 lead electrocardiogram|||y
GFSCOPE|상부소화관내시경검사|Esophagogastroduodenoscopy|F20004|E7611|P|Esophagogastroduodenoscopy|||y
COLONO|결장경검사|Colonoscopy|F20005|E7660|P|Colonoscopy|||y
URSL|경요도 요관결석제거술|Ureteroscopic removal of stone|F20006|R3278001|P|Ureteroscopic removal of ureteric calculus|||y
HDIAL|혈액투석|Hemodialysis|F20007|O7020|P|Hemodialysis|||y
LABCBC|일반혈액검사(CBC)|CBC|F30001|D0002|L||||n
LABCHEM|일반화학검사 묶음|Chemistry panel|F30002|D2280|L||||n
`).map(([local = "", korean = "", english = "", fee = "", edi = "", kind = "", standard = "", ingredient = "", unit = "", known = ""]) => ({
  ...{ local, korean, english, fee, edi, standard, ingredient, unit },
  kind: kind === "P" || kind === "L" ? kind : "D",
  inVocabulary: known === "y",
}));

/** The codes of HIRA for departments. */
export const DEPARTMENTS = ["01", "02", "03", "04", "05", "08", "10", "11", "12", "13", "14", "23", "24"] as const;
